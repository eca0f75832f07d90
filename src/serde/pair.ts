import { readInt32, writeInt32 } from '../model/int64.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** Bytes of the length of the first part. */
export const pairLengthBytes = 4

/**
 * Two keys as one: the first behind its length, 4 bytes big-endian, then the second. What has the
 * same first key lies together, in the order of the second's bytes.
 */
export function pairKeys<A, B>(first: Serde<A>, second: Serde<B>): Serde<readonly [A, B]> {
  const name = `pair(${first.name}, ${second.name})`
  return Object.freeze({
    name,
    serialize([a, b]: readonly [A, B]) {
      const head = first.serialize(a)
      const tail = second.serialize(b)
      const bytes = new Uint8Array(pairLengthBytes + head.length + tail.length)
      writeInt32(bytes, 0, head.length)
      bytes.set(head, pairLengthBytes)
      bytes.set(tail, pairLengthBytes + head.length)
      return bytes
    },
    deserialize(bytes: Uint8Array): readonly [A, B] {
      const end = pairLengthBytes + (bytes.length < pairLengthBytes ? -1 : readInt32(bytes, 0))
      if (end < pairLengthBytes || end > bytes.length) {
        throw cannotRead(name, bytes, 'it begins with the length of its first part, 4 bytes')
      }
      const head = first.deserialize(bytes.subarray(pairLengthBytes, end))
      return [head, second.deserialize(bytes.subarray(end))]
    },
  })
}
