/** Joins of streams against a model that keeps every record in a list. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { boundedOutOfOrderness, string, topology } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { sequencedKeys } from '../../src/serde/sequenced.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import { type MapBackend, tiers } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

interface Shape {
  readonly side: 'inner' | 'left' | 'outer' | 'self'
  readonly before: number
  readonly after: number
  readonly grace: number
  readonly bound: number
}

const shape: fc.Arbitrary<Shape> = fc.record({
  side: fc.constantFrom('inner', 'left', 'outer', 'self'),
  before: fc.nat(8),
  after: fc.nat(8),
  // With the longer ones, a slice of the store has entries of several times.
  grace: fc.oneof(fc.nat(5), fc.constantFrom(30, 60)),
  bound: fc.nat(4),
})

const planOf = ({ side, before, after, grace, bound }: Shape) =>
  planTopology(
    topology('test', (t) => {
      const both = t.stream('in', { value: string, watermark: boundedOutOfOrderness(bound) })
      const options = { within: { before, after }, grace }
      const joiner = (l: string | null, r: string | null, key: string) => `${key}:${l}+${r}`
      // One topic, so that the order is the one in which they were sent.
      const { left, right } = both.split({ left: (v) => v?.startsWith('l'), right: 'rest' })
      const joined =
        side === 'self'
          ? left.join('j', left, joiner, options)
          : side === 'inner'
            ? left.join('j', right, joiner, options)
            : side === 'left'
              ? left.leftJoin('j', right, joiner, options)
              : left.outerJoin('j', right, joiner, options)
      joined.to('out', { value: string })
    }),
  )

interface Send {
  readonly kind: 'send'
  readonly isLeft: boolean
  readonly key: string | null
  readonly isNull: boolean
  readonly ahead: number
}

const action: fc.Arbitrary<Send | Turn> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      isLeft: fc.boolean(),
      // Keys that begin alike: their records lie side by side in the store.
      key: fc.option(fc.constantFrom('a', 'a\0', 'a\0\0\0\0\0\0\0\0\x01\0\0\0\0'), { freq: 8 }),
      isNull: fc.nat(9).map((number) => number === 0),
      ahead: fc.oneof(fc.constant(0), fc.integer({ min: -14, max: 6 })),
    }),
  },
  ...turns,
)

interface Kept {
  readonly key: string
  readonly value: string
  readonly time: number
  readonly isLeft: boolean
  joined: boolean
}

/** Those of one key and time stay in the order in which they came. */
function keyOf({ key, time }: Kept): Uint8Array {
  return sequencedKeys(string).serialize({ key, time, sequence: 0 })
}

class Model {
  readonly out: string[] = []
  readonly #shape: Shape
  #kept: Kept[] = []
  #highest = Number.NEGATIVE_INFINITY

  constructor(made: Shape) {
    this.#shape = made
  }

  get openLeft(): readonly string[] {
    return this.#kept.filter((one) => one.isLeft).map(({ value, time }) => `${value}@${time}`)
  }

  take(isLeft: boolean, key: string | null, value: string | null, time: number): void {
    const { side } = this.#shape
    if (value !== null && key === null) {
      if (side === 'outer' || (side === 'left' && isLeft))
        this.#tell(isLeft, 'null', value, null, time)
    } else if (value !== null && key !== null) {
      if (side !== 'self') this.#meet({ key, value, time, isLeft, joined: false })
      // What the split sends right goes nowhere.
      else if (isLeft) {
        this.#meet({ key, value, time, isLeft: true, joined: false })
        this.#meet({ key, value, time, isLeft: false, joined: false })
      }
    }
    this.#highest = Math.max(this.#highest, time)
    this.#close()
  }

  get #watermark(): number {
    return this.#highest - this.#shape.bound - 1
  }

  #isClosed({ isLeft, time }: Kept): boolean {
    const { before, after, grace } = this.#shape
    return time + (isLeft ? after : before) + grace <= this.#watermark
  }

  #meet(record: Kept): void {
    if (this.#isClosed(record)) return
    const { before, after } = this.#shape
    for (const other of this.#kept.toSorted((a, b) => a.time - b.time)) {
      if (other.isLeft === record.isLeft || other.key !== record.key) continue
      const later = record.isLeft ? other.time - record.time : record.time - other.time
      if (later < -before || later > after) continue
      record.joined = true
      other.joined = true
      const time = Math.max(record.time, other.time)
      this.#tell(record.isLeft, record.key, record.value, other.value, time)
    }
    this.#kept.push(record)
  }

  #close(): void {
    const closed = this.#kept.filter((one) => this.#isClosed(one))
    this.#kept = this.#kept.filter((one) => !this.#isClosed(one))
    const { side } = this.#shape
    const order = closed.toSorted(
      (a, b) =>
        a.time - b.time || Number(b.isLeft) - Number(a.isLeft) || compareBytes(keyOf(a), keyOf(b)),
    )
    for (const { joined, isLeft, key, value, time } of order) {
      if (joined || side === 'inner' || side === 'self') continue
      if (isLeft || side === 'outer') this.#tell(isLeft, key, value, null, time)
    }
  }

  #tell(isLeft: boolean, key: string, own: string, other: string | null, time: number): void {
    const pair = isLeft ? `${own}+${other}` : `${other}+${own}`
    this.out.push(`${key}:${pair} ${time}`)
  }
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
    const value = one.isNull ? null : `${one.isLeft ? 'l' : 'r'}${count}`
    model.take(one.isLeft, one.key, value, timestamp)
    owner.send('in', { key: one.key, value, timestamp })
  }
  owner.finish()
  owner.finish()
  const decoder = new TextDecoder()
  const out = owner.bench.output
    .open('out', 0)
    .records.map(({ value, timestamp }) => `${decoder.decode(value ?? undefined)} ${timestamp}`)
  expect(out).toEqual(model.out)
}

test.each(tiers)(
  '%s, streams tell what a list of all records tells, whatever is dropped or restarted',
  (_, below) => {
    fc.assert(
      fc.property(shape, fc.array(action, { maxLength: 80, size: 'max' }), (made, actions) => {
        check(made, actions, below())
      }),
      { numRuns: 120 },
    )
  },
)
