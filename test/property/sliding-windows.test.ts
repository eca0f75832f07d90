/** Sliding windows against what they are: all windows of all records that were not late. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { boundedOutOfOrderness, sliding, string, topology, windowed } from '../../src/index.ts'
import type { WindowEmit } from '../../src/operators/spec.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { type MapBackend, tiers } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

interface Shape {
  readonly difference: number
  readonly grace: number
  readonly bound: number
  readonly emit: WindowEmit
  readonly from: number
}

const shape: fc.Arbitrary<Shape> = fc.record({
  difference: fc.integer({ min: 1, max: 7 }),
  // With the longer ones, a slice of the store has entries of several times.
  grace: fc.oneof(fc.nat(8), fc.constantFrom(30, 60)),
  bound: fc.nat(5),
  emit: fc.constantFrom('update', 'commit', 'final'),
  // The first windows begin at 0.
  from: fc.constantFrom(0, 40),
})

const planOf = ({ difference, grace, bound, emit }: Shape) =>
  planTopology(
    topology('test', (t) => {
      t.stream('in', { value: string, watermark: boundedOutOfOrderness(bound) })
        .groupByKey()
        .windowedBy(sliding(difference), { grace, emit })
        .aggregate('windows', {
          init: (): string => '',
          add: (all, value) => `${all}${value} `,
          value: string,
        })
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
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      key: fc.constantFrom('a', 'a', 'a\0'),
      ahead: fc.oneof(fc.constant(0), fc.integer({ min: -16, max: 6 })),
    }),
  },
  ...turns,
)

interface Taken {
  readonly key: string
  readonly value: string
  readonly time: number
}

class Model {
  /** What each window has told last. */
  readonly told = new Map<string, string>()
  readonly finals: string[] = []
  readonly #shape: Shape
  #taken: Taken[] = []
  #seen = new Map<string, string>()
  #closed = new Set<string>()
  #highest = Number.NEGATIVE_INFINITY

  constructor(made: Shape) {
    this.#shape = made
  }

  take(key: string, value: string, time: number): void {
    if (!this.#isClosed(time + 1)) {
      this.#taken.push({ key, value, time })
      for (const [name, { start, all }] of this.#windows()) {
        if (this.#seen.get(name) === all) continue
        this.#seen.set(name, all)
        if (!this.#isClosed(start)) this.told.set(name, all)
      }
    }
    this.#highest = Math.max(this.#highest, time)
    for (const [name, { start, all }] of this.#windows()) {
      if (!this.#isClosed(start) || this.#closed.has(name)) continue
      this.#closed.add(name)
      if (this.told.has(name)) this.finals.push(`${name} ${all}`)
    }
  }

  /** By definition: one that ends with each record, and one behind it that is not empty. */
  #windows(): ReadonlyMap<string, { readonly start: number; readonly all: string }> {
    const { difference } = this.#shape
    const found = new Map<string, { start: number; all: string }>()
    for (const { key, time } of this.#taken) {
      for (const start of [Math.max(0, time - difference), time + 1]) {
        const all = this.#taken.filter(
          (one) => one.key === key && one.time >= start && one.time <= start + difference,
        )
        const text = all.map((one) => `${one.value} `).join('')
        if (all.length > 0) found.set(`${key}@${start}`, { start, all: text })
      }
    }
    return found
  }

  #isClosed(start: number): boolean {
    const { difference, grace, bound } = this.#shape
    return start + difference + grace <= this.#highest - bound - 1
  }
}

function check(made: Shape, actions: readonly (Send | Turn)[], backend?: MapBackend): void {
  const owner = new TaskOwner(planOf(made), backend)
  const model = new Model(made)
  let now = made.from
  let count = 0
  for (const one of actions) {
    if (one.kind !== 'send') {
      owner.apply(one)
      continue
    }
    const timestamp = Math.max(0, now + one.ahead)
    now = Math.max(now, timestamp)
    count += 1
    model.take(one.key, `${count}`, timestamp)
    owner.send('in', { key: one.key, value: `${count}`, timestamp })
  }
  owner.finish()
  owner.finish()
  const keys = windowed(string, made.difference + 1)
  const told = owner.bench.output.open('out', 0).records.map(({ key, value }) => {
    const window = keys.deserialize(key ?? new Uint8Array(0))
    expect(window.end).toBe(window.start + made.difference + 1)
    return [
      `${window.key}@${window.start}`,
      string.deserialize(value ?? new Uint8Array(0)),
    ] as const
  })
  if (made.emit === 'final') {
    expect(told.map(([name, all]) => `${name} ${all}`).toSorted()).toEqual(model.finals.toSorted())
  } else expect(new Map(told)).toEqual(model.told)
}

test.each(tiers)(
  '%s, sliding windows have the records that they should, whatever is dropped or restarted',
  (_, below) => {
    fc.assert(
      fc.property(shape, fc.array(action, { maxLength: 50, size: 'max' }), (made, actions) => {
        check(made, actions, below())
      }),
      { numRuns: 90 },
    )
  },
)
