/** Windowed aggregations against a model that keeps every count in a map. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  boundedOutOfOrderness,
  hopping,
  string,
  type TimeWindows,
  topology,
  tumbling,
  windowed,
} from '../../src/index.ts'
import type { WindowEmit } from '../../src/operators/spec.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { readInt64 } from '../../src/model/int64.ts'
import { type MapBackend, tiers } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

interface Shape {
  readonly windows: TimeWindows
  readonly grace: number
  readonly bound: number
  readonly emit: Exclude<WindowEmit, 'commit'>
}

const shape: fc.Arbitrary<Shape> = fc.record({
  windows: fc.constantFrom(
    tumbling(5),
    tumbling(7, { offset: 3 }),
    hopping(6, 2),
    hopping(5, 3),
    hopping(4, 4),
  ),
  grace: fc.integer({ min: 0, max: 6 }),
  bound: fc.integer({ min: 0, max: 4 }),
  emit: fc.constantFrom('update', 'final'),
})

const planOf = ({ windows, grace, bound, emit }: Shape) =>
  planTopology(
    topology('test', (t) => {
      t.stream('in', { value: string, watermark: boundedOutOfOrderness(bound) })
        .groupByKey()
        .windowedBy(windows, { grace, emit })
        .count('counts')
        .to('out')
    }),
  )

interface Send {
  readonly kind: 'send'
  readonly key: string
  readonly ahead: number
}

const action: fc.Arbitrary<Send | Turn> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      key: fc.constantFrom('a', 'b', 'c'),
      ahead: fc.integer({ min: -8, max: 6 }),
    }),
  },
  ...turns,
)

const nameOf = (key: string, start: number) => `${key}@${start}`

/** What goes out, in order, for a table that tells each change; and what each window ended with. */
class Model {
  readonly changes: string[] = []
  readonly finals: string[] = []
  late = 0
  readonly #counts = new Map<string, { readonly start: number; count: number }>()
  readonly #shape: Shape
  #highest = Number.NEGATIVE_INFINITY

  constructor(made: Shape) {
    this.#shape = made
  }

  get #watermark(): number {
    return this.#highest - this.#shape.bound - 1
  }

  #closes(start: number): number {
    return start + this.#shape.windows.sizeMs + this.#shape.grace - 1
  }

  take(key: string, time: number): void {
    const { sizeMs, advanceMs, offsetMs, kind } = this.#shape.windows
    let taken = false
    for (let start = offsetMs - 8 * advanceMs; start <= time; start += advanceMs) {
      if (time >= start + sizeMs || (kind === 'hopping' && start < 0)) continue
      if (this.#closes(start) <= this.#watermark) continue
      taken = true
      const name = nameOf(key, start)
      const held = this.#counts.get(name) ?? { start, count: 0 }
      held.count += 1
      this.#counts.set(name, held)
      this.changes.push(`${name} ${held.count}`)
    }
    if (!taken) this.late += 1
    this.#highest = Math.max(this.#highest, time)
    this.#close()
  }

  /** What is still open, by name. */
  get open(): readonly string[] {
    return Array.from(this.#counts, ([name, { count }]) => `${name} ${count}`).toSorted()
  }

  #close(): void {
    for (const [name, { start, count }] of this.#counts) {
      if (this.#closes(start) > this.#watermark) continue
      this.finals.push(`${name} ${count}`)
      this.#counts.delete(name)
    }
  }
}

function check(made: Shape, actions: readonly (Send | Turn)[], backend?: MapBackend): void {
  const owner = new TaskOwner(planOf(made), backend)
  const model = new Model(made)
  let now = 10
  for (const one of actions) {
    if (one.kind !== 'send') {
      owner.apply(one)
      continue
    }
    const timestamp = Math.max(0, now + one.ahead)
    now = Math.max(now, timestamp)
    model.take(one.key, timestamp)
    owner.send('in', { key: one.key, value: '', timestamp })
  }
  owner.finish()
  owner.finish()
  const { sizeMs } = made.windows
  const keys = windowed(string, sizeMs)
  const out = owner.bench.output.open('out', 0).records.map(({ key, value }) => {
    const name = keys.deserialize(key ?? new Uint8Array(0))
    return `${nameOf(name.key, name.start)} ${readInt64(value ?? new Uint8Array(8), 0)}`
  })
  if (made.emit === 'update') expect(out).toEqual(model.changes)
  else expect(out.toSorted()).toEqual(model.finals.toSorted())
  // What has closed is let go when that has committed.
  const entries = owner.bench.task.store('counts').entries() as [
    { key: string; start: number },
    number,
  ][]
  const held = entries.map(([{ key, start }, count]) => `${nameOf(key, start)} ${count}`)
  expect(held.toSorted()).toEqual(model.open)
  // Where nothing is open nothing of the changelog is needed.
  if (model.open.length > 0) return
  const [changelog] = owner.bench.task.purgeable()
  expect(changelog?.offset).toBe(owner.bench.output.open('test-counts-changelog', 0).end)
}

test.each(tiers)('%s, windows tell what a map of counts tells, whatever is dropped', (_, below) => {
  fc.assert(
    fc.property(shape, fc.array(action, { maxLength: 60, size: 'max' }), (made, actions) => {
      check(made, actions, below())
    }),
    { numRuns: 200 },
  )
})
