/** What every state backend does, whatever it keeps its bytes in. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { murmur2 } from '../../src/model/murmur2.ts'
import type { StateBackend } from '../../src/state/backend.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import { MemoryBackend } from '../../src/state/memory-backend.ts'
import { StoreBatch, timeBytes } from '../../src/state/store-batch.ts'

const backends: readonly (readonly [string, () => StateBackend])[] = [
  ['memory', () => new MemoryBackend()],
]

const keys = fc.uint8Array({ maxLength: 3 })
const changes = fc.array(
  fc.tuple(keys, fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined })),
  { maxLength: 30 },
)

function batchOf(
  entries: readonly (readonly [Uint8Array, Uint8Array | undefined])[],
  nextOffset: number,
): StoreBatch {
  const batch = new StoreBatch('store')
  for (const [key, value] of entries) {
    batch.addKey(key, 0, key.length, murmur2(key, 0, key.length), 0)
    if (value !== undefined) batch.addValue(17, value, 0, value.length)
  }
  batch.nextOffset = nextOffset
  return batch
}

function get(backend: StateBackend, key: Uint8Array): Uint8Array | undefined {
  const found = backend.get('store', key, 0, key.length, murmur2(key, 0, key.length))
  return found?.slice(timeBytes)
}

test.each(backends)('%s: holds what was put last and nothing that was deleted', (_, make) => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 10 }), (batches) => {
      const backend = make()
      const oracle = new Map<string, Uint8Array>()
      for (const [index, entries] of batches.entries()) {
        backend.apply(batchOf(entries, index))
        for (const [key, value] of entries) {
          if (value === undefined) oracle.delete(key.join())
          else oracle.set(key.join(), value)
        }
        for (const [key] of entries) expect(get(backend, key)).toEqual(oracle.get(key.join()))
      }
      const all = [...backend.range('store', {})].map(([key]) => key.slice())
      expect(all).toHaveLength(oracle.size)
      expect(all.toSorted(compareBytes)).toEqual(all)
      backend.close()
    }),
  )
})

test.each(backends)(
  '%s: a range has its from, not its to, in either order, up to a limit',
  (_, make) => {
    const backend = make()
    backend.apply(
      batchOf(
        [1, 2, 3, 4].map((n) => [Uint8Array.of(n), Uint8Array.of(n)]),
        0,
      ),
    )
    const read = (range: Parameters<StateBackend['range']>[1]) =>
      [...backend.range('store', range)].map(([key]) => key[0])
    const bounds = { from: Uint8Array.of(2), to: Uint8Array.of(4) }
    expect(read(bounds)).toEqual([2, 3])
    expect(read({ ...bounds, reverse: true })).toEqual([3, 2])
    expect(read({ reverse: true, limit: 1 })).toEqual([4])
    backend.close()
  },
)

test.each(backends)(
  '%s: the changelog offset is that of the last batch that told one',
  (_, make) => {
    const backend = make()
    expect(backend.offset('store')).toBeUndefined()
    backend.apply(batchOf([], 7))
    backend.apply(new StoreBatch('store'))
    expect(backend.offset('store')).toBe(7)
    backend.close()
  },
)
