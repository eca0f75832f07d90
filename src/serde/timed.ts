import { readInt64, writeInt64 } from '../model/int64.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** Bytes of a time behind the bytes of a key. */
export const timeBytes = 8

/** A key at a time. */
export interface TimedKey<K> {
  readonly key: K
  /** Milliseconds since 1970. */
  readonly time: number
}

/** The key's bytes, then the time, 8 bytes big-endian. */
export function timedKeys<K>(key: Serde<K>): Serde<TimedKey<K>> {
  const name = `timed(${key.name})`
  return Object.freeze({
    name,
    keySuffixBytes: timeBytes + (key.keySuffixBytes ?? 0),
    serialize({ key: typed, time }: TimedKey<K>) {
      const inner = key.serialize(typed)
      const bytes = new Uint8Array(inner.length + timeBytes)
      bytes.set(inner)
      writeInt64(bytes, inner.length, time)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      const end = bytes.length - timeBytes
      if (end < 0) throw cannotRead(name, bytes, 'it ends with a time, 8 bytes')
      return { key: key.deserialize(bytes.subarray(0, end)), time: readInt64(bytes, end) }
    },
  })
}
