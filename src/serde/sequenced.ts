import { readInt32, readInt64, writeInt32, writeInt64 } from '../model/int64.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** Bytes of time and number behind the bytes of a key. */
export const sequenceBytes = 12

/** A record that is kept beside others of its key. */
export interface Sequenced<K> {
  readonly key: K
  /** Milliseconds since 1970. */
  readonly time: number
  /** From 0, among the records of the same key and time in the order in which they came. */
  readonly sequence: number
}

/**
 * Keys of records that are kept one by one: the key's bytes, the record's time (8 bytes) and a
 * number (4 bytes), big-endian. So the records of a key are ordered by time.
 */
export function sequencedKeys<K>(key: Serde<K>): Serde<Sequenced<K>> {
  const name = `sequenced(${key.name})`
  return Object.freeze({
    name,
    keySuffixBytes: sequenceBytes,
    serialize({ key: typed, time, sequence }: Sequenced<K>) {
      const inner = key.serialize(typed)
      const bytes = new Uint8Array(inner.length + sequenceBytes)
      bytes.set(inner)
      writeInt64(bytes, inner.length, time)
      writeInt32(bytes, inner.length + 8, sequence)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      const end = bytes.length - sequenceBytes
      if (end < 0) throw cannotRead(name, bytes, 'it ends with a time and a number, 12 bytes')
      return {
        key: key.deserialize(bytes.subarray(0, end)),
        time: readInt64(bytes, end),
        sequence: readInt32(bytes, end + 8),
      }
    },
  })
}
