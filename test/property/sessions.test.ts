/** Sessions against a model that keeps each in a list. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  boundedOutOfOrderness,
  session,
  sessionWindowed,
  string,
  topology,
} from '../../src/index.ts'
import type { WindowEmit } from '../../src/operators/spec.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { sessionKeys } from '../../src/serde/session.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import { type MapBackend, tiers } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

interface Shape {
  readonly gap: number
  readonly grace: number
  readonly bound: number
  readonly emit: WindowEmit
}

const shape: fc.Arbitrary<Shape> = fc.record({
  gap: fc.integer({ min: 1, max: 6 }),
  // With the longer ones, a slice of the store has entries of several times.
  grace: fc.oneof(fc.nat(6), fc.constantFrom(30, 60)),
  bound: fc.nat(4),
  emit: fc.constantFrom('update', 'commit', 'final'),
})

const planOf = ({ gap, grace, bound, emit }: Shape) =>
  planTopology(
    topology('test', (t) => {
      t.stream('in', { value: string, watermark: boundedOutOfOrderness(bound) })
        .groupByKey()
        .windowedBy(session(gap), { grace, emit })
        .aggregate('sessions', {
          init: () => '',
          add: (all, value) => `${all}${value} `,
          merge: (earlier, later) => `${earlier}+ ${later}`,
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
      // Keys that begin alike: their sessions lie side by side in the store.
      key: fc.constantFrom('a', 'a\0', 'a\0\0\0\0\0\0\0\0\x01\0\0\0\0'),
      ahead: fc.oneof(fc.constant(0), fc.integer({ min: -14, max: 9 })),
    }),
  },
  ...turns,
)

interface Session {
  readonly key: string
  readonly start: number
  readonly end: number
  readonly all: string
}

const nameOf = ({ key, start, end }: Omit<Session, 'all'>) => `${key}@${start}-${end}`

class Model {
  readonly changes: string[] = []
  readonly finals: string[] = []
  readonly state = new Map<string, string>()
  open: Session[] = []
  readonly #shape: Shape
  #highest = Number.NEGATIVE_INFINITY

  constructor(made: Shape) {
    this.#shape = made
  }

  take(key: string, value: string, time: number): void {
    const { gap } = this.#shape
    const near = this.open
      .filter((one) => one.key === key && one.end >= time - gap && one.start <= time + gap)
      .toSorted((a, b) => a.start - b.start)
    if (near.length > 0 || !this.#isClosed(time)) {
      const start = Math.min(time, ...near.map((one) => one.start))
      const end = Math.max(time, ...near.map((one) => one.end))
      const all = `${near.map((one) => one.all).join('+ ')}${value} `
      const grown = { key, start, end, all }
      for (const one of near) if (nameOf(one) !== nameOf(grown)) this.#tell(one, null)
      this.open = [...this.open.filter((one) => !near.includes(one)), grown]
      this.#tell(grown, all)
    }
    this.#highest = Math.max(this.#highest, time)
    const closed = this.open.filter((one) => this.#isClosed(one.end))
    this.open = this.open.filter((one) => !closed.includes(one))
    for (const one of closed.toSorted(
      (a, b) => a.end - b.end || compareBytes(bytesOf(a), bytesOf(b)),
    )) {
      this.finals.push(`${nameOf(one)} ${one.all}`)
    }
  }

  #tell(one: Session, all: string | null): void {
    this.changes.push(`${nameOf(one)} ${all}`)
    if (all === null) this.state.delete(nameOf(one))
    else this.state.set(nameOf(one), all)
  }

  #isClosed(end: number): boolean {
    const { gap, grace, bound } = this.#shape
    return end + gap + grace <= this.#highest - bound - 1
  }
}

function bytesOf(one: Session): Uint8Array {
  return sessionKeys(string).serialize(one)
}

function check(made: Shape, actions: readonly (Send | Turn)[], backend?: MapBackend): void {
  const owner = new TaskOwner(planOf(made), backend)
  const model = new Model(made)
  let now = 20
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
  const keys = sessionWindowed(string)
  const told = owner.bench.output.open('out', 0).records.map(({ key, value, timestamp }) => {
    const name = keys.deserialize(key ?? new Uint8Array(0))
    expect(timestamp).toBe(name.end)
    return [nameOf(name), value === null ? null : string.deserialize(value)] as const
  })
  const lines = told.map(([name, all]) => `${name} ${all}`)
  if (made.emit === 'update') expect(lines).toEqual(model.changes)
  else if (made.emit === 'final') expect(lines).toEqual(model.finals)
  else {
    const folded = new Map<string, string>()
    for (const [name, all] of told) {
      if (all === null) expect(folded.delete(name)).toBe(true)
      else folded.set(name, all)
    }
    expect(folded).toEqual(model.state)
  }
  const held = owner.bench.task.store('sessions').entries() as [Omit<Session, 'all'>, string][]
  const entries = held.map(([name, all]) => `${nameOf(name)} ${all}`)
  for (const one of model.open) expect(entries).toContain(`${nameOf(one)} ${one.all}`)
}

test.each(tiers)(
  '%s, sessions tell what a list of them tells, whatever is dropped or restarted',
  (_, below) => {
    fc.assert(
      fc.property(shape, fc.array(action, { maxLength: 70, size: 'max' }), (made, actions) => {
        check(made, actions, below())
      }),
      { numRuns: 120 },
    )
  },
)
