/** Ranges of an ordered store against a sorted list, through every turn that an epoch can take. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { restoreTo } from '../../src/changelog/restore.ts'
import { epoch } from '../../src/model/ids.ts'
import { murmur2 } from '../../src/model/murmur2.ts'
import { json } from '../../src/serde/json.ts'
import { bytes } from '../../src/serde/plain.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import { ClockHand } from '../../src/state/clock-hand.ts'
import { EntryTable } from '../../src/state/entry-table.ts'
import { EpochBuffer } from '../../src/state/epoch-buffer.ts'
import { ObjectColumn } from '../../src/state/object-column.ts'
import { OrderedIndex } from '../../src/state/ordered-index.ts'
import type { StoreBatch } from '../../src/state/store-batch.ts'
import { StoreView } from '../../src/state/store-view.ts'
import { batchOf, RecordLog } from '../../src/testing/driver/record-log.ts'
import { type MapBackend, tiers } from '../support/map-backend.ts'

type Key = readonly number[]
type State = ReadonlyMap<string, number>

type Step =
  | { readonly kind: 'set'; readonly key: Key; readonly value: number }
  | { readonly kind: 'delete' | 'find' | 'expire'; readonly key: Key }
  | {
      readonly kind: 'scan'
      readonly from: Key | null
      readonly to: Key | null
      readonly reverse: boolean
      readonly limit: number | null
    }
  | { readonly kind: 'cut' | 'commit' | 'rollback' | 'take' | 'flushed' | 'evict' | 'restart' }

// Prefixes of each other, and bytes on both sides of what a signed order would get wrong.
const key = fc.array(fc.constantFrom(0, 1, 127, 128, 255), { maxLength: 3 })
const turn = (kind: Exclude<Step['kind'], 'set' | 'delete' | 'find' | 'expire' | 'scan'>) =>
  fc.record({ kind: fc.constant(kind) })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.nat(99) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('find' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      from: fc.option(key),
      to: fc.option(key),
      reverse: fc.boolean(),
      limit: fc.option(fc.nat(5)),
    }),
  },
  { weight: 3, arbitrary: turn('cut') },
  { weight: 3, arbitrary: turn('commit') },
  { weight: 1, arbitrary: turn('rollback') },
  { weight: 2, arbitrary: turn('take') },
  { weight: 2, arbitrary: turn('flushed') },
  { weight: 2, arbitrary: turn('evict') },
  { weight: 1, arbitrary: turn('restart') },
)

const spec = {
  name: 'ranges',
  key: bytes,
  value: json<number>(),
  backend: 'memory' as const,
  changelog: {},
  ordered: true as const,
}

class Subject {
  readonly log = new RecordLog()
  readonly #backend: MapBackend | undefined
  buffer: EpochBuffer<ObjectColumn>
  readonly #hand = new ClockHand()
  #committedEnd = 0
  #epoch = 0
  #taken: StoreBatch | undefined
  latest: State = new Map()
  #committed: State = new Map()
  #staged: State | undefined

  constructor(backend: MapBackend | undefined) {
    this.#backend = backend
    this.buffer = this.#opened()
  }

  apply(one: Step): void {
    switch (one.kind) {
      case 'set':
      case 'delete': {
        const entry = this.#entry(one.key)
        this.buffer.touch(entry, 1)
        this.buffer.column.set(entry, one.kind === 'set' ? one.value : null)
        const next = new Map(this.latest)
        if (one.kind === 'set') next.set(one.key.join(), one.value)
        else next.delete(one.key.join())
        this.latest = next
        return
      }
      case 'find': {
        const asked = Uint8Array.from(one.key)
        const hash = murmur2(asked, 0, asked.length)
        const entry = this.buffer.find(asked, 0, asked.length, hash)
        expect(entry >= 0).toBe(this.latest.has(one.key.join()))
        return
      }
      case 'expire':
        return this.#expire(one.key)
      case 'scan':
        return this.#scan(one)
      case 'cut':
        if (this.#staged !== undefined) return
        this.#epoch += 1
        this.buffer.cut(epoch(this.#epoch), this.log)
        this.#staged = this.latest
        return
      case 'commit':
        if (this.#staged === undefined) return
        this.buffer.committed(epoch(this.#epoch), this.log.end)
        this.#committedEnd = this.log.end
        this.#committed = this.#staged
        this.#staged = undefined
        return
      case 'rollback':
        this.#rollback()
        this.buffer.rollback()
        return
      case 'take':
        if (this.#backend === undefined || this.#taken !== undefined) return
        if (this.#staged === undefined) this.#taken = this.buffer.takeUnflushed()
        return
      case 'flushed':
        if (this.#taken === undefined) return
        this.#backend?.apply(this.#taken)
        this.#taken = undefined
        this.buffer.flushed()
        return
      case 'evict':
        // As a task does: between a commit and the next record.
        if (this.#staged !== undefined || this.buffer.dirty) return
        if (this.#backend !== undefined) this.#hand.turn(this.buffer, 2)
        return
      case 'restart': {
        this.#rollback()
        this.#taken = undefined
        this.buffer = this.#opened()
        const from = this.buffer.nextOffset ?? 0
        restoreTo(this.buffer, [batchOf(this.log.records.slice(from), from)], this.log.end)
      }
    }
  }

  #rollback(): void {
    this.log.truncate(this.#committedEnd)
    this.latest = this.#committed
    this.#staged = undefined
  }

  /** Only what is settled expires; the changelog is told, so that a restart knows it too. */
  #expire(wanted: Key): void {
    const name = wanted.join()
    // Above a backend, what expires is in slices.
    if (this.#backend !== undefined) return
    const settled = this.#staged === undefined && this.latest === this.#committed
    if (!settled || !this.latest.has(name)) return
    this.buffer.expire(this.#entry(wanted))
    this.log.add({ key: Uint8Array.from(wanted), value: null, timestamp: 1, headers: [] })
    this.#committedEnd = this.log.end
    const next = new Map(this.latest)
    next.delete(name)
    this.latest = next
    this.#committed = next
  }

  #scan({ from, to, reverse, limit }: Extract<Step, { kind: 'scan' }>): void {
    // Before: a scan takes what it finds below into memory.
    const asked = new StoreView(this.buffer).read(
      {
        kind: 'range',
        from: bytesOf(from),
        to: bytesOf(to),
        reverse,
        limit: limit ?? Number.MAX_SAFE_INTEGER,
      },
      'latest',
    )
    const found = this.buffer.scan(bytesOf(from), bytesOf(to), {
      reverse,
      ...(limit === null ? {} : { limit }),
    })
    const read = found.map((entry) => {
      const at = this.buffer.keyStart(entry)
      const own = this.buffer.keyBytes(entry).subarray(at, this.buffer.keyEnd(entry))
      return [own.join(), this.buffer.column.read(entry)]
    })
    const kept = [...this.latest]
      .filter(([name]) => from === null || compareBytes(keyOf(name), Uint8Array.from(from)) >= 0)
      .filter(([name]) => to === null || compareBytes(keyOf(name), Uint8Array.from(to)) < 0)
      .toSorted(([left], [right]) => compareBytes(keyOf(left), keyOf(right)))
    if (reverse) kept.reverse()
    const expected = kept.slice(0, limit ?? kept.length)
    expect(read).toEqual(expected)
    expect(asked.map((row) => [row.key.join(), spec.value.deserialize(row.value)])).toEqual(
      expected,
    )
  }

  #entry(wanted: Key): number {
    const asked = Uint8Array.from(wanted)
    return this.buffer.entryOf(asked, 0, asked.length, murmur2(asked, 0, asked.length))
  }

  #opened(): EpochBuffer<ObjectColumn> {
    return new EpochBuffer(spec, new ObjectColumn(spec.value), this.#backend)
  }
}

function bytesOf(numbers: Key | null): Uint8Array | undefined {
  return numbers === null ? undefined : Uint8Array.from(numbers)
}

function keyOf(name: string): Uint8Array {
  return Uint8Array.from(name === '' ? [] : name.split(',').map(Number))
}

const all = { kind: 'scan', from: null, to: null, limit: null } as const

test.each(tiers)(
  '%s, a range has what a sorted list has, whatever is dropped or flushed',
  (_, make) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const subject = new Subject(make())
        for (const one of steps) subject.apply(one)
        subject.apply({ ...all, reverse: false })
        subject.apply({ ...all, reverse: true })
      }),
      { numRuns: 300 },
    )
  },
)

test('the index keeps thousands of keys in order while they come and go in any order', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(0xffff)), fc.nat(2), (numbers, shape) => {
      const table = new EntryTable()
      const index = new OrderedIndex(table)
      const present = new Map<number, number>()
      const bytesFor = (number: number) => Uint8Array.of(number >>> 8, number & 255)
      const add = (number: number) => {
        if (present.has(number)) return
        const own = bytesFor(number)
        const entry = table.add(own, 0, 2, murmur2(own, 0, 2))
        index.add(entry)
        present.set(number, entry)
      }
      const remove = (number: number) => {
        const entry = present.get(number)
        if (entry === undefined) return
        index.remove(entry)
        table.remove(entry)
        present.delete(number)
      }
      let next = 0
      for (const number of numbers) {
        // As they come, rising, or rising with the oldest going.
        add(shape === 0 ? number : next)
        if (shape === 2 && next > 700) remove(next - 700)
        next += 1
        if (next === 2500) break
      }
      for (const number of [...present.keys()].filter((at) => at % 7 !== 3)) remove(number)
      const sorted = [...present].toSorted(([a], [b]) => a - b).map(([, entry]) => entry)
      const up: number[] = []
      index.seek(undefined)
      for (let entry = index.next(); entry >= 0; entry = index.next()) up.push(entry)
      const down: number[] = []
      index.seekEnd()
      for (let entry = index.previous(); entry >= 0; entry = index.previous()) down.push(entry)
      expect(up).toEqual(sorted)
      expect(down).toEqual(sorted.toReversed())
    }),
    { numRuns: 15 },
  )
})
