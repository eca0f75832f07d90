import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { StoreBatch, timeBytes } from '../../src/state/store-batch.ts'

const shared = Uint8Array.of(7, 0, 255)
const keys = fc
  .uint8Array({ maxLength: 9 })
  .map((rest) => Uint8Array.of(...shared, ...rest.map((byte) => (byte < 128 ? 0 : byte))))

test('a sorted batch has every change, in the order of the first six bytes that differ', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 40 }), (keys) => {
      const batch = new StoreBatch('store')
      for (const [at, key] of keys.entries()) {
        batch.addKey(key, 0, key.length)
        if (at % 3 > 0) batch.addValue(1, Uint8Array.of(at), 0, 1)
      }
      batch.sort()
      const found = Array.from({ length: batch.count }, (_, at) => {
        const start = batch.valueStarts[at] ?? -1
        return {
          key: batch.bytes.slice(batch.keyStarts[at], batch.keyEnds[at]),
          value: start < 0 ? -1 : batch.bytes[start + timeBytes],
        }
      })
      const common =
        keys.length > 0 && keys.every((key) => key.length > 3 && key[3] === keys[0]?.[3])
      const given = keys.map((key, at) => ({ key, value: at % 3 > 0 ? at : -1 }))
      if (!common) expect(found).toEqual(stableSorted(given))
      const text = (entries: typeof found) => entries.map((entry) => JSON.stringify(entry)).sort()
      expect(text(found)).toEqual(text(given))
    }),
  )
})

function stableSorted<Entry extends { readonly key: Uint8Array }>(entries: readonly Entry[]) {
  const prefix = (key: Uint8Array) => Buffer.from(key.subarray(3, 9))
  return entries.toSorted((left, right) => Buffer.compare(prefix(left.key), prefix(right.key)))
}
