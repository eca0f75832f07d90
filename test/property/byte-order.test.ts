import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { StoreBatch, timeBytes } from '../../src/state/store-batch.ts'

const shared = Uint8Array.of(7, 0, 255)
const keys = fc
  .uint8Array({ maxLength: 9 })
  .map((rest) => Uint8Array.of(...shared, ...rest.map((byte) => (byte < 128 ? 0 : byte))))

interface Change {
  readonly key: Uint8Array
  /** −1: a deletion. */
  readonly value: number
}

test('a sorted batch has every change, in the order of the six bytes that decide', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 40 }), (keys) => {
      const given = keys.map((key, at): Change => ({ key, value: at % 3 > 0 ? at : -1 }))
      const batch = new StoreBatch('store')
      for (const { key, value } of given) {
        batch.addKey(key, 0, key.length)
        if (value >= 0) batch.addValue(1, Uint8Array.of(value), 0, 1)
      }
      batch.sort()
      const found = Array.from({ length: batch.count }, (_, at): Change => {
        const start = batch.valueStarts[at] ?? -1
        const key = batch.bytes.slice(batch.keyStarts[at], batch.keyEnds[at])
        return { key, value: start < 0 ? -1 : (batch.bytes[start + timeBytes] ?? -1) }
      })
      expect(found).toEqual(stableSorted(given))
    }),
  )
})

function stableSorted(changes: readonly Change[]): readonly Change[] {
  const [first = new Uint8Array()] = changes.map(({ key }) => key)
  const alike = (length: number) =>
    changes.every(({ key }) => key.length >= length && first[length - 1] === key[length - 1])
  let skip = 0
  while (skip < first.length && alike(skip + 1)) skip += 1
  const deciding = (key: Uint8Array) => {
    const six = Buffer.alloc(6)
    six.set(key.subarray(skip, skip + 6))
    return six
  }
  return changes.toSorted((left, right) => Buffer.compare(deciding(left.key), deciding(right.key)))
}
