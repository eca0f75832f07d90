/** What every state backend does, whatever it keeps its bytes in. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { LmdbBackend } from '../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../src/adapters/lmdb/library.ts'
import type { PersistentBackend, StateBackend } from '../../src/state/backend.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import { StoreBatch, timeBytes } from '../../src/state/store-batch.ts'
import { MapBackend } from '../support/map-backend.ts'
import { batchOf, type Change } from '../support/state-batches.ts'

const scratch = mkdtempSync(join(tmpdir(), 'millrace-backends-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let directories = 0
const freshDirectory = () => join(scratch, String(++directories))

const lmdb = await loadLmdb()
function lmdbBackend(directory = freshDirectory()): PersistentBackend {
  const onUnreadable = (_: string, error: Error) => {
    throw error
  }
  return new LmdbBackend({ lmdb, directory, onUnreadable, onClosed: () => undefined })
}

type Make<Backend> = (directory?: string) => Backend
const persistent: readonly (readonly [string, Make<PersistentBackend>])[] = [['lmdb', lmdbBackend]]
const backends: readonly (readonly [string, Make<StateBackend>])[] = [
  ['map', () => new MapBackend()],
  ...persistent,
]

function get(backend: StateBackend, key: Uint8Array, store = 'store'): Uint8Array | undefined {
  const found = backend.get(store, key, 0, key.length)
  return found === undefined ? undefined : Uint8Array.from(found.subarray(timeBytes))
}

/** Short keys that meet often; long ones that share beginnings of the length that LMDB takes. */
const keys = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 255), fc.integer({ min: 1970, max: 1985 }), fc.uint8Array())
      .map(([filler, length, end]) =>
        Uint8Array.of(...new Uint8Array(length).fill(filler), ...end),
      ),
  },
)
const changes = fc.array(
  fc.tuple(keys, fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined })),
  { maxLength: 30 },
)
const bound = fc.option(keys, { nil: undefined })

class Oracle {
  readonly #values = new Map<string, Change>()

  take(entries: readonly Change[]): void {
    for (const [key, value] of entries) {
      if (value === undefined) this.#values.delete(key.join())
      else this.#values.set(key.join(), [key, value])
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(key.join())?.[1]
  }

  keys(from?: Uint8Array, to?: Uint8Array): readonly Uint8Array[] {
    return Array.from(this.#values.values(), ([key]) => key)
      .filter((key) => from === undefined || compareBytes(key, from) >= 0)
      .filter((key) => to === undefined || compareBytes(key, to) < 0)
      .toSorted(compareBytes)
  }
}

function keysOf(backend: StateBackend, range: Parameters<StateBackend['range']>[1]) {
  return Array.from(backend.range('store', range), ([key]) => Uint8Array.from(key))
}

test.each(backends)(
  '%s: holds what was put last and nothing that was deleted, in the order of the keys',
  (_, make) => {
    const batches = fc.array(changes, { maxLength: 6 })
    fc.assert(
      fc.property(batches, bound, bound, fc.nat(5), (batches, from, to, limit) => {
        const backend = make()
        const oracle = new Oracle()
        for (const [index, entries] of batches.entries()) {
          backend.apply(batchOf(entries, index))
          oracle.take(entries)
          for (const [key] of entries) expect(get(backend, key)).toEqual(oracle.get(key))
        }
        expect(keysOf(backend, {})).toEqual(oracle.keys())
        const range = { ...(from && { from }), ...(to && { to }) }
        const within = oracle.keys(from, to)
        expect(keysOf(backend, range)).toEqual(within)
        expect(keysOf(backend, { ...range, reverse: true, limit })).toEqual(
          within.toReversed().slice(0, limit),
        )
        backend.close()
      }),
      { numRuns: 60 },
    )
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
    expect(backend.offset('other')).toBeUndefined()
    backend.close()
  },
)

test.each(backends)('%s: a batch may be larger than any buffer inside', (_, make) => {
  const backend = make()
  const entries = Array.from({ length: 20_000 }, (_, at): Change => {
    const key = new TextEncoder().encode(`key-${at}`)
    return [key, new Uint8Array(at === 7 ? 3_000_000 : 100).fill(at)]
  })
  backend.apply(batchOf(entries, 20_000))
  for (const [key, value] of [entries[7], entries[19_999]].filter((one) => one !== undefined)) {
    expect(get(backend, key)?.length).toBe(value?.length)
  }
  expect(keysOf(backend, {})).toHaveLength(20_000)
  backend.close()
})

const one = Uint8Array.of(1)
const two = Uint8Array.of(2)
const none = new Uint8Array(0)

test.each(persistent)('%s: drops the lowest keys below one, so many at a time', (_, make) => {
  const backend = make()
  const long = (first: number) => new Uint8Array(2000).fill(first)
  const all = [none, one, long(1), Uint8Array.of(1, 2), two, long(3)]
  backend.apply(
    batchOf(
      all.map((key): Change => [key, key]),
      5,
    ),
  )
  expect(backend.drop('store', two, 2)).toBe(2)
  expect(keysOf(backend, {})).toEqual([long(1), Uint8Array.of(1, 2), two, long(3)])
  backend.begin()
  expect(backend.drop('store', two, 9)).toBe(2)
  backend.commit()
  expect(keysOf(backend, {})).toEqual([two, long(3)])
  expect(backend.drop('store', two, 9)).toBe(0)
  expect(backend.offset('store')).toBe(5)
  backend.close()
})

test.each(persistent)('%s: keeps data and offset when it is closed and opened', (_, make) => {
  const directory = freshDirectory()
  const first = make(directory)
  first.apply(batchOf([[one, none]], 3))
  first.close()
  const second = make(directory)
  expect(get(second, one)).toEqual(none)
  expect(second.offset('store')).toBe(3)
  second.close()
})

test.each(persistent)('%s: a change of many parts is seen at once and kept as one', (_, make) => {
  const directory = freshDirectory()
  const first = make(directory)
  first.begin()
  first.apply(batchOf([[one, one]], 5, 'a'))
  first.apply(
    batchOf(
      [
        [one, one],
        [two, two],
      ],
      6,
      'b',
    ),
    0,
    1,
  )
  expect(get(first, one, 'b')).toEqual(one)
  expect(get(first, two, 'b')).toBeUndefined()
  first.commit()
  first.begin()
  first.apply(batchOf([[one, undefined]], 9, 'a'))
  first.close()
  const second = make(directory)
  expect(get(second, one, 'a')).toEqual(one)
  expect(second.offset('a')).toBe(5)
  expect(second.offset('b')).toBe(6)
  second.close()
})

test.each(persistent)('%s: a store that is cleared is empty, the others are not', (_, make) => {
  const backend = make()
  backend.apply(batchOf([[one, one]], 5, 'a'))
  backend.apply(batchOf([[one, one]], 5, 'b'))
  backend.clear('a')
  expect(get(backend, one, 'a')).toBeUndefined()
  expect(backend.offset('a')).toBeUndefined()
  expect(get(backend, one, 'b')).toEqual(one)
  backend.close()
})

test.each(persistent)('%s: what it answers is not changed by what comes later', (_, make) => {
  const backend = make()
  backend.apply(
    batchOf(
      [
        [one, one],
        [two, two],
      ],
      1,
    ),
  )
  const found = backend.get('store', one, 0, 1)
  const all = [...backend.range('store', {})]
  backend.get('store', two, 0, 1)
  backend.apply(batchOf([[one, two]], 2))
  expect(found?.subarray(timeBytes)).toEqual(one)
  expect(all[0]?.[1].subarray(timeBytes)).toEqual(one)
  backend.close()
})
