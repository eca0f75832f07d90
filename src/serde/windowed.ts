import { readInt64, writeInt64 } from '../model/int64.ts'
import type { Windowed } from '../model/windowed.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** Bytes of a window's start behind the bytes of its key. */
export const windowBytes = 8

/**
 * Keys of windows as Kafka Streams' TimeWindowedSerializer writes them: the key's bytes, then the
 * window's start, 8 bytes big-endian. The end is not written: it follows from the size.
 * @param sizeMs Of the windows, in milliseconds.
 */
export function windowedKeys<K>(key: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  const name = `windowed(${key.name}, ${sizeMs}ms)`
  return Object.freeze({
    name,
    keySuffixBytes: windowBytes,
    serialize(windowed: Windowed<K>) {
      const inner = key.serialize(windowed.key)
      const bytes = new Uint8Array(inner.length + windowBytes)
      bytes.set(inner)
      writeInt64(bytes, inner.length, windowed.start)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      const end = bytes.length - windowBytes
      if (end < 0) throw cannotRead(name, bytes, "it ends with a window's start, 8 bytes")
      const start = readInt64(bytes, end)
      return { key: key.deserialize(bytes.subarray(0, end)), start, end: start + sizeMs }
    },
  })
}
