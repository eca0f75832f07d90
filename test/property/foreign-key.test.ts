/** Foreign-key joins against the rows that follow from both tables, whatever is on its way. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { int32, json, string, topology } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { createTask } from '../../src/task/create-task.ts'
import { MemoryOutput } from '../../src/testing/driver/memory-output.ts'
import { TopologyTestDriver } from '../../src/testing/driver/index.ts'

interface Order {
  readonly of: number | null
  readonly n: number
}
const order = json<Order>()

const application = topology('test', (t) => {
  const orders = t.table('orders', { value: order })
  const customers = t.table('customers', { key: int32, value: string })
  const foreignKey = ({ of }: Order) => of
  const joiner = ({ n }: Order, name: string | null) => `${n} ${name ?? '-'}`
  const shared = { foreignKey, joiner, value: string }
  const out = { value: string }
  orders.join('inner', customers, shared).to('inner-out', out)
  // Behind views, whose rows nobody keeps.
  orders
    .filter(({ n }) => n > 0)
    .mapValues(({ of, n }) => ({ of, n: -n }), { value: order })
    .leftJoin(
      'left',
      customers.mapValues((name) => name.toUpperCase(), { value: string }),
      shared,
    )
    .to('left-out', out)
})

class World {
  readonly orders = new Map<string, Order>()
  readonly customers = new Map<number, string>()

  expected() {
    const inner = new Map<string, string>()
    const left = new Map<string, string>()
    for (const [key, { of, n }] of this.orders) {
      const name = of === null ? undefined : this.customers.get(of)
      if (name !== undefined) inner.set(key, `${n} ${name}`)
      if (n > 0) left.set(key, `${-n} ${name?.toUpperCase() ?? '-'}`)
    }
    return { inner, left }
  }
}

type Change =
  | { readonly topic: 'orders'; readonly key: string; readonly value: Order | null }
  | { readonly topic: 'customers'; readonly key: number; readonly value: string | null }

/** Few values, so that rows come back to what they were. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    topic: fc.constant('orders' as const),
    key: fc.constantFrom('k', 'l'),
    value: fc.option(
      fc.record({
        of: fc.option(fc.constantFrom(1, 2), { freq: 5 }),
        n: fc.integer({ min: 0, max: 1 }),
      }),
      { freq: 3 },
    ),
  }),
  fc.record({
    topic: fc.constant('customers' as const),
    key: fc.constantFrom(1, 2),
    value: fc.option(fc.constantFrom('x', 'y'), { freq: 3 }),
  }),
)

function take(world: World, { topic, key, value }: Change): void {
  if (topic === 'orders') {
    if (value === null) world.orders.delete(key)
    else world.orders.set(key, value)
  } else if (value === null) world.customers.delete(key)
  else world.customers.set(key, value)
}

function bytesOf(one: Change) {
  const timestamp = 1
  return one.topic === 'orders'
    ? {
        timestamp,
        key: string.serialize(one.key),
        value: one.value === null ? null : order.serialize(one.value),
        headers: [],
      }
    : {
        timestamp,
        key: int32.serialize(one.key),
        value: one.value === null ? null : string.serialize(one.value),
        headers: [],
      }
}

/** The tasks of the topology, one turn at a time: what one writes waits in its topic. */
class Turns {
  readonly output = new MemoryOutput()
  readonly #plan = planTopology(application)
  readonly #fetched = new Map<string, number>()
  readonly #tasks = this.#plan.subTopologies.map((subTopology) => {
    const task = createTask({ plan: this.#plan, subTopology, partition: 0, output: this.output })
    const positions = task.inputs.map((input) => ({
      ...input,
      offset: 0,
      leaderEpoch: 0,
      metadata: '',
    }))
    task.restoreNeeds(positions)
    task.start(positions, 0)
    return task
  })

  get count(): number {
    return this.#tasks.length
  }

  /** Answers whether anything was processed. */
  turn(which: number, topics: number, recordsMax: number): boolean {
    const task = this.#tasks[which % this.count]
    if (task === undefined) return false
    task.inputs.forEach((input, at) => {
      const log = this.output.open(input.topic, 0)
      const from = this.#fetched.get(input.topic) ?? 0
      const sees = (topics >> at) & 1
      if (sees === 1 && log.end > from) {
        task.offer(input, [log.read(from)], log.end, 0)
        this.#fetched.set(input.topic, log.end)
      }
      // Another topic's records are not waited for: they are further on their way.
      task.seeEnd(input, this.#fetched.get(input.topic) ?? 0)
    })
    return task.process(recordsMax, 0) > 0
  }

  finish(): void {
    for (let again = true; again; ) {
      again = false
      for (let at = 0; at < this.count; at += 1) {
        if (this.turn(at, 255, Number.MAX_SAFE_INTEGER)) again = true
      }
    }
  }

  rows(topic: string): ReadonlyMap<string, string> {
    const rows = new Map<string, string>()
    for (const { key, value } of this.output.open(topic, 0).records) {
      const name = string.deserialize(key ?? new Uint8Array(0))
      if (value === null) rows.delete(name)
      else rows.set(name, string.deserialize(value))
    }
    return rows
  }
}

const step = fc.oneof(
  { weight: 1, arbitrary: change },
  {
    weight: 2,
    arbitrary: fc.record({
      topic: fc.constant('turn' as const),
      which: fc.nat(3),
      topics: fc.integer({ min: 1, max: 15 }),
      records: fc.integer({ min: 1, max: 3 }),
    }),
  },
)

test('the result is that of both tables, in whatever order topics are read', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const world = new World()
      const turns = new Turns()
      for (const one of steps) {
        if (one.topic === 'turn') turns.turn(one.which, one.topics, one.records)
        else {
          take(world, one)
          turns.output.open(one.topic, 0).add(bytesOf(one))
        }
      }
      turns.finish()
      const expected = world.expected()
      expect(turns.rows('inner-out')).toEqual(expected.inner)
      expect(turns.rows('left-out')).toEqual(expected.left)
    }),
    { numRuns: 150 },
  )
})

test('subscriptions and results come back after a crash', () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.array(change, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom('commit' as const, 'crash' as const) },
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 15, size: 'max' }), (actions) => {
      const world = new World()
      const driver = new TopologyTestDriver(application)
      for (const one of [...actions, 'commit' as const]) {
        if (one === 'crash') driver.crash()
        else if (one === 'commit') {
          driver.commit()
          const { inner, left } = world.expected()
          expect(new Map(driver.store('inner').entries())).toEqual(inner)
          expect(new Map(driver.store('left').entries())).toEqual(left)
        } else {
          for (const each of one) take(world, each)
          for (const topic of ['orders', 'customers'] as const) {
            const all = one.filter((each) => each.topic === topic)
            driver.input(topic).send(...all.map((each) => ({ ...each, timestamp: 1 })))
          }
        }
      }
    }),
    { numRuns: 30 },
  )
})
