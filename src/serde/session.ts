import { readInt64, writeInt64 } from '../model/int64.ts'
import type { Windowed } from '../model/windowed.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** Bytes of a session's end and start behind the bytes of its key. */
export const sessionBytes = 16

/**
 * Keys of sessions as Kafka Streams' SessionWindowedSerializer writes them: the key's bytes, then
 * the times of the last record and of the first one, 8 bytes big-endian each. So the sessions of a
 * key are ordered by time.
 */
export function sessionKeys<K>(key: Serde<K>): Serde<Windowed<K>> {
  const name = `session(${key.name})`
  return Object.freeze({
    name,
    keySuffixBytes: sessionBytes,
    serialize(session: Windowed<K>) {
      const inner = key.serialize(session.key)
      const bytes = new Uint8Array(inner.length + sessionBytes)
      bytes.set(inner)
      writeInt64(bytes, inner.length, session.end)
      writeInt64(bytes, inner.length + 8, session.start)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      const at = bytes.length - sessionBytes
      if (at < 0) throw cannotRead(name, bytes, "it ends with a session's end and start, 16 bytes")
      return {
        key: key.deserialize(bytes.subarray(0, at)),
        start: readInt64(bytes, at + 8),
        end: readInt64(bytes, at),
      }
    },
  })
}
