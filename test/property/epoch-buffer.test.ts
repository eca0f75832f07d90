/** The epoch buffer against maps that are copied whole at each step. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { epoch } from '../../src/model/ids.ts'
import { murmur2 } from '../../src/model/murmur2.ts'
import { json } from '../../src/serde/json.ts'
import { int64 } from '../../src/serde/numbers.ts'
import { string } from '../../src/serde/text.ts'
import { EpochBuffer } from '../../src/state/epoch-buffer.ts'
import { MemoryBackend } from '../../src/state/memory-backend.ts'
import { StoreView } from '../../src/state/store-view.ts'
import { CounterColumn, ObjectColumn } from '../../src/state/value-column.ts'
import { RecordLog } from '../../src/testing/driver/record-log.ts'

type Step =
  | { readonly kind: 'append'; readonly key: string; readonly item: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'cut' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }

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
  readonly backend = new MemoryBackend()
  readonly spec = {
    name: 'lists',
    key: string,
    value: json<number[]>(),
    backend: 'memory' as const,
    changelog: {},
  }
  readonly buffer = new EpochBuffer(this.spec, new ObjectColumn(this.spec.value), this.backend)
  readonly view = new StoreView(this.buffer, this.backend)
  #epoch = 0
  readonly #unsettled: number[] = []

  entry(name: string): number {
    const bytes = string.serialize(name)
    return this.buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
  }

  /** In place where there is a list, as user functions may. */
  append(name: string, item: number): void {
    const entry = this.entry(name)
    const items = this.buffer.column.read(entry)
    if (Array.isArray(items)) items.push(item)
    else this.buffer.column.set(entry, [item])
    this.buffer.touch(entry, 1)
  }

  delete(name: string): void {
    const entry = this.entry(name)
    this.buffer.column.set(entry, null)
    this.buffer.touch(entry, 1)
  }

  cut(): void {
    this.#epoch += 1
    this.#unsettled.push(this.#epoch)
    this.buffer.cut(epoch(this.#epoch), this.log)
  }

  commit(): void {
    this.buffer.committed(epoch(this.#unsettled.shift() ?? 0), this.log.end)
  }

  rollback(): void {
    this.#unsettled.length = 0
    this.buffer.rollback()
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
      if (oracle.staged.length === 2) return
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
  }
}

function sorted(state: State): readonly (readonly [string, readonly number[]])[] {
  return [...state].toSorted(([left], [right]) => (left < right ? -1 : 1))
}

test('an epoch buffer is its oracle at every step, open epoch and committed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const subject = new Subject()
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

test('the changelog of committed epochs, folded, is the committed state', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const subject = new Subject()
      const oracle = new Oracle()
      let committedEnd = 0
      const ends: number[] = []
      for (const action of steps) {
        const staged = oracle.staged.length
        apply(action, subject, oracle)
        if (action.kind === 'cut' && oracle.staged.length > staged) ends.push(subject.log.end)
        if (action.kind === 'commit' && staged > 0) committedEnd = ends.shift() ?? 0
        if (action.kind === 'rollback') {
          ends.length = 0
          subject.log.truncate(committedEnd)
        }
      }
      const folded = new Map<string, readonly number[]>()
      for (const record of subject.log.records.slice(0, committedEnd)) {
        const name = string.deserialize(record.key ?? new Uint8Array())
        if (record.value === null) folded.delete(name)
        else folded.set(name, subject.spec.value.deserialize(record.value))
      }
      expect(sorted(folded)).toEqual(sorted(oracle.committed))
    }),
    { numRuns: 300 },
  )
})

test('counters go back to the committed counts, over many keys and growing tables', () => {
  const spec = { ...new Subject().spec, name: 'counts', value: int64 }
  const backend = new MemoryBackend()
  const buffer = new EpochBuffer(spec, new CounterColumn(), backend)
  const view = new StoreView(buffer, backend)
  const increment = (name: string) => {
    const bytes = string.serialize(name)
    const entry = buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    buffer.column.increment(entry)
    buffer.touch(entry, 5)
  }
  const names = Array.from({ length: 5000 }, (_, index) => `key-${index}`)
  for (const name of names) increment(name)
  buffer.cut(epoch(1), undefined)
  for (const name of names.slice(0, 10)) increment(name)
  buffer.committed(epoch(1), 5000)
  buffer.cut(epoch(2), undefined)
  for (const name of names) increment(name)
  buffer.rollback()
  expect(view.entries().every(([, count]) => count === 1)).toBe(true)
  expect(view.entries()).toHaveLength(5000)
  expect(backend.offset('counts')).toBe(5000)
})
