/** The epoch buffer against maps that are copied whole at each step. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { restoreTo } from '../../src/changelog/restore.ts'
import { epoch } from '../../src/model/ids.ts'
import { murmur2 } from '../../src/model/murmur2.ts'
import { json } from '../../src/serde/json.ts'
import { int64 } from '../../src/serde/numbers.ts'
import { string } from '../../src/serde/text.ts'
import { ClockHand } from '../../src/state/clock-hand.ts'
import { CounterColumn } from '../../src/state/counter-column.ts'
import { EpochBuffer } from '../../src/state/epoch-buffer.ts'
import type { StateBackend } from '../../src/state/backend.ts'
import { ObjectColumn } from '../../src/state/object-column.ts'
import type { StoreBatch } from '../../src/state/store-batch.ts'
import { StoreView } from '../../src/state/store-view.ts'
import { batchOf, RecordLog } from '../../src/testing/driver/record-log.ts'
import { MapBackend } from '../support/map-backend.ts'

type Step =
  | { readonly kind: 'append'; readonly key: string; readonly item: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'cut' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'take' }
  | { readonly kind: 'flushed' }
  | { readonly kind: 'evict'; readonly wanted: number }

// Few keys, so that steps meet; one long, so that more than one way of copying is taken.
const key = fc.constantFrom('', 'a', 'b', 'mill', 'race', 'x'.repeat(70))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), key, item: fc.nat() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flushed' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('evict' as const),
      wanted: fc.integer({ min: 1, max: 4 }),
    }),
  },
)

type State = ReadonlyMap<string, readonly number[]>

/** What is right: three layers of whole copies. */
class Oracle {
  committed: State = new Map()
  staged: State[] = []
  latest: State = new Map()

  set(name: string, items: readonly number[] | undefined): void {
    const next = new Map(this.latest)
    if (items === undefined) next.delete(name)
    else next.set(name, items)
    this.latest = next
  }
}

class Subject {
  readonly log = new RecordLog()
  readonly spec = {
    name: 'lists',
    key: string,
    value: json<number[]>(),
    backend: 'memory' as const,
    changelog: {},
  }
  readonly backend: StateBackend | undefined
  readonly buffer: EpochBuffer<ObjectColumn>
  readonly view: StoreView
  readonly hand = new ClockHand()
  committedEnd = 0
  #epoch = 0
  #staged = 0
  #taken: StoreBatch | undefined

  constructor(backend: StateBackend | undefined) {
    this.backend = backend
    this.buffer = new EpochBuffer(this.spec, new ObjectColumn(this.spec.value), backend)
    this.view = new StoreView(this.buffer)
  }

  entry(name: string): number {
    const bytes = string.serialize(name)
    return this.buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
  }

  /** In place where there is a list, as user functions may. */
  append(name: string, item: number): void {
    const entry = this.entry(name)
    const items = this.buffer.column.read(entry)
    if (Array.isArray(items)) items.push(item)
    this.buffer.touch(entry, 1)
    if (!Array.isArray(items)) this.buffer.column.set(entry, [item])
  }

  delete(name: string): void {
    const entry = this.entry(name)
    this.buffer.touch(entry, 1)
    this.buffer.column.set(entry, null)
  }

  cut(): void {
    this.#epoch += 1
    this.#staged = this.#epoch
    this.buffer.cut(epoch(this.#epoch), this.log)
  }

  commit(): void {
    this.buffer.committed(epoch(this.#staged), this.log.end)
    this.committedEnd = this.log.end
    this.#staged = 0
  }

  rollback(): void {
    this.#staged = 0
    this.log.truncate(this.committedEnd)
    this.buffer.rollback()
  }

  /** Where there is a backend to flush to, and an epoch is not just waiting for its commit. */
  take(): void {
    if (this.backend === undefined || this.#taken !== undefined || this.#staged > 0) return
    this.#taken = this.buffer.takeUnflushed()
  }

  evict(wanted: number): void {
    if (this.backend !== undefined) this.hand.turn(this.buffer, wanted)
  }

  flushed(): void {
    if (this.#taken === undefined) return
    this.backend?.apply(this.#taken)
    this.#taken = undefined
    this.buffer.flushed()
  }
}

function apply(action: Step, subject: Subject, oracle: Oracle): void {
  switch (action.kind) {
    case 'append':
      subject.append(action.key, action.item)
      oracle.set(action.key, [...(oracle.latest.get(action.key) ?? []), action.item])
      return
    case 'delete':
      subject.delete(action.key)
      oracle.set(action.key, undefined)
      return
    case 'read':
      expect(subject.buffer.column.read(subject.entry(action.key))).toEqual(
        oracle.latest.get(action.key),
      )
      return
    case 'cut':
      if (oracle.staged.length === 1) return
      subject.cut()
      oracle.staged.push(oracle.latest)
      return
    case 'commit': {
      const [first, ...rest] = oracle.staged
      if (first === undefined) return
      subject.commit()
      oracle.committed = first
      oracle.staged = rest
      return
    }
    case 'rollback':
      subject.rollback()
      oracle.staged = []
      oracle.latest = oracle.committed
      return
    case 'take':
      return subject.take()
    case 'flushed':
      return subject.flushed()
    case 'evict':
      return subject.evict(action.wanted)
  }
}

function sorted(state: State): readonly (readonly [string, readonly number[]])[] {
  return [...state].toSorted(([left], [right]) => (left < right ? -1 : 1))
}

const tiers: readonly (readonly [string, () => StateBackend | undefined])[] = [
  ['alone', () => undefined],
  ['over a backend', () => new MapBackend()],
]

test.each(tiers)('%s, a store is its oracle at every step, open epoch and committed', (_, make) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const subject = new Subject(make())
      const oracle = new Oracle()
      for (const action of steps) {
        apply(action, subject, oracle)
        expect(subject.view.entries('committed')).toEqual(sorted(oracle.committed))
        expect(subject.view.entries('latest')).toEqual(sorted(oracle.latest))
      }
    }),
    { numRuns: 300 },
  )
})

test.each(tiers)('%s, a range of either isolation is that range of the oracle', (_, make) => {
  const bound = fc.option(fc.constantFrom('', 'a', 'ab', 'm', 'mill', 'y'), { nil: undefined })
  const range = fc.record({
    from: bound,
    to: bound,
    reverse: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), range, (steps, { from, to, reverse, limit }) => {
      const subject = new Subject(make())
      const oracle = new Oracle()
      for (const action of steps) apply(action, subject, oracle)
      const bytes = (text: string | undefined) =>
        text === undefined ? undefined : string.serialize(text)
      const read = { kind: 'range', from: bytes(from), to: bytes(to), reverse, limit } as const
      for (const isolation of ['committed', 'latest'] as const) {
        const inside = sorted(oracle[isolation]).filter(
          ([name]) => (from === undefined || name >= from) && (to === undefined || name < to),
        )
        const wanted = (reverse ? inside.toReversed() : inside).slice(0, limit)
        const rows = subject.view.read(read, isolation)
        expect(
          rows.map(({ key, value }) => [
            string.deserialize(key),
            subject.spec.value.deserialize(value),
          ]),
        ).toEqual(wanted)
      }
    }),
    { numRuns: 300 },
  )
})

test('the changelog of committed epochs, folded, is the committed state', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const subject = new Subject(undefined)
      const oracle = new Oracle()
      for (const action of steps) apply(action, subject, oracle)
      const folded = new Map<string, readonly number[]>()
      for (const record of subject.log.records.slice(0, subject.committedEnd)) {
        const name = string.deserialize(record.key ?? new Uint8Array())
        if (record.value === null) folded.delete(name)
        else folded.set(name, subject.spec.value.deserialize(record.value))
      }
      expect(sorted(folded)).toEqual(sorted(oracle.committed))
    }),
    { numRuns: 300 },
  )
})

test.each(tiers)(
  '%s, what was flushed and what comes after it are the committed state',
  (_, make) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const subject = new Subject(make())
        const oracle = new Oracle()
        for (const action of steps) apply(action, subject, oracle)
        // A worker that dies now finds what the backend has, and restores the rest.
        const { backend } = subject
        const restored = new EpochBuffer(
          subject.spec,
          new ObjectColumn(subject.spec.value),
          backend,
        )
        const from = restored.nextOffset ?? 0
        const end = subject.buffer.nextOffset ?? 0
        const tail = batchOf(subject.log.records.slice(from, end), from)
        restoreTo(restored, [tail], end)
        expect(new StoreView(restored).entries('committed')).toEqual(sorted(oracle.committed))
        // And so is what it flushes of that.
        const batch = backend && restored.takeUnflushed()
        if (batch === undefined) return
        batch.sort()
        backend?.apply(batch)
        restored.flushed()
        const fresh = new EpochBuffer(subject.spec, new ObjectColumn(subject.spec.value), backend)
        expect(new StoreView(fresh).entries('committed')).toEqual(sorted(oracle.committed))
        expect(fresh.nextOffset).toBe(end)
      }),
      { numRuns: 300 },
    )
  },
)

test.each(tiers)('%s, counters go back to the committed counts, over many keys', (_, make) => {
  const backend = make()
  const spec = { ...new Subject(undefined).spec, name: 'counts', value: int64 }
  const buffer = new EpochBuffer(spec, new CounterColumn(), backend)
  const view = new StoreView(buffer)
  const increment = (name: string) => {
    const bytes = string.serialize(name)
    const entry = buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    buffer.touch(entry, 5)
    buffer.column.increment(entry)
  }
  const names = Array.from({ length: 5000 }, (_none, index) => `key-${index}`)
  for (const name of names) increment(name)
  buffer.cut(epoch(1), undefined)
  for (const name of names.slice(0, 10)) increment(name)
  buffer.committed(epoch(1), 5000)
  buffer.cut(epoch(2), undefined)
  for (const name of names) increment(name)
  buffer.rollback()
  expect(view.entries().every(([, count]) => count === 1)).toBe(true)
  expect(view.entries()).toHaveLength(5000)
  expect(buffer.nextOffset).toBe(5000)
})

test('a key whose values are rewritten often does not keep their memory', () => {
  const subject = new Subject(undefined)
  const { buffer } = subject
  for (let turn = 1; turn <= 400; turn += 1) {
    for (const name of ['a', 'b']) {
      const entry = subject.entry(name)
      buffer.touch(entry, turn)
      buffer.column.set(
        entry,
        Array.from({ length: 2_000 }, () => turn),
      )
    }
    subject.cut()
    // The open epoch has a change while the memory of the one before it is given back.
    subject.append('a', turn)
    subject.commit()
  }
  subject.rollback()
  expect(subject.view.get('a')).toEqual(Array.from({ length: 2_000 }, () => 400))
  expect(buffer.column.slabBytes).toBeLessThan(4 * 2 ** 20)
})
