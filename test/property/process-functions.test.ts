/** Process functions with every kind of state and event-time timers against plain maps. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  aggregatingState,
  int64,
  json,
  type KeyedContext,
  listState,
  mapState,
  monotonous,
  reducingState,
  type StatesOf,
  string,
  topology,
  valueState,
} from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { MapBackend } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

/** What a record asks for: a change of a state, or of a timer so long after the record. */
type Order =
  | readonly ['set' | 'push' | 'add', string]
  | readonly ['put' | 'delete', string]
  | readonly ['clear', 'value' | 'list' | 'map' | 'sum']
  | readonly ['grow' | 'fail', string]
  | readonly ['timer' | 'cancel', string]

const word = fc.constantFrom('', 'a', 'b', 'ab', 'ba')
const order: fc.Arbitrary<Order> = fc.oneof(
  fc.tuple(fc.constantFrom('set' as const, 'push' as const, 'add' as const), word),
  fc.tuple(fc.constantFrom('put' as const, 'delete' as const), word),
  fc.tuple(
    fc.constant('clear' as const),
    fc.constantFrom('value' as const, 'list' as const, 'map' as const, 'sum' as const),
  ),
  fc.tuple(fc.constantFrom('grow' as const, 'fail' as const), word),
  fc.tuple(
    fc.constantFrom('timer' as const, 'cancel' as const),
    fc.integer({ min: -5, max: 9 }).map(String),
  ),
)

/** What the function of the topology and the model both do. */
interface World {
  readonly time: number
  value: string[] | undefined
  list: readonly string[]
  sum: number | undefined
  mean: number | undefined
  map: readonly (readonly [string, number])[]
  push(word: string): void
  put(word: string): void
  delete(word: string): void
  add(count: number): void
  /** Changes the value in place. */
  grow(word: string): void
  clear(what: 'value' | 'list' | 'map' | 'sum'): void
  timer(time: number): void
  cancel(time: number): void
  emit(text: string): void
}

function obey(world: World, [what, about]: Order): void {
  if (what === 'set') world.value = [about]
  else if (what === 'push') world.push(about)
  else if (what === 'add') world.add(about.length)
  else if (what === 'put') world.put(about)
  else if (what === 'delete') world.delete(about)
  else if (what === 'clear') world.clear(about)
  else if (what === 'grow') world.grow(about)
  else if (what === 'fail') fail(world, about)
  else if (what === 'timer') world.timer(world.time + Number(about))
  else world.cancel(world.time + Number(about))
  world.emit(`${what} ${about}: ${looks(world)}`)
}

/** Changes whatever it can before it throws. */
function fail(world: World, about: string): void {
  world.push(about)
  world.put(about)
  world.add(7)
  world.grow(about)
  world.timer(world.time + 3)
  world.clear('map')
  world.emit('nobody hears this')
  throw new Error('no')
}

function ring(world: World, time: number): void {
  world.emit(`${time}: ${looks(world)}`)
  world.push(`${time}`)
  if (time % 3 === 0) world.timer(time - 1)
  if (time % 4 === 0) world.timer(time + 2)
  if (time % 5 === 0) world.cancel(time + 1)
}

function looks({ value, list, map, sum, mean }: World): string {
  return JSON.stringify([value, list, map, sum, mean])
}

const states = {
  value: valueState(json<string[]>()),
  list: listState(string),
  map: mapState(string, int64),
  sum: reducingState(int64, (a, b) => a + b),
  mean: aggregatingState({
    value: json<{ sum: number; count: number }>(),
    init: () => ({ sum: 0, count: 0 }),
    add: (aggregate, value: number) => {
      aggregate.sum += value
      aggregate.count += 1
      return aggregate
    },
    result: ({ sum, count }) => sum / count,
  }),
}

type Ctx = KeyedContext<string, string, StatesOf<typeof states>>

const planOf = (onError: 'fail' | 'skip') =>
  planTopology(
    topology('test', (t) => {
      t.stream('in', { value: json<Order>(), watermark: monotonous() })
        .groupByKey()
        .process('p', {
          out: string,
          state: states,
          onError,
          onRecord: (ctx, value) => obey(new Live(ctx, ctx.timestamp), value),
          onTimer: (ctx, { time }) => ring(new Live(ctx, time), time),
        })
        .to('out')
    }),
  )
const plans = { fail: planOf('fail'), skip: planOf('skip') }

class Live implements World {
  readonly time: number
  readonly #ctx: Ctx

  constructor(ctx: Ctx, time: number) {
    this.#ctx = ctx
    this.time = time
  }

  get value(): string[] | undefined {
    return this.#ctx.state.value.get()
  }

  set value(value: string[]) {
    this.#ctx.state.value.set(value)
  }

  get list(): readonly string[] {
    return this.#ctx.state.list.get()
  }

  get sum(): number | undefined {
    return this.#ctx.state.sum.get()
  }

  get mean(): number | undefined {
    return this.#ctx.state.mean.get()
  }

  get map(): readonly (readonly [string, number])[] {
    return this.#ctx.state.map.entries()
  }

  push(text: string): void {
    this.#ctx.state.list.add(text)
  }

  put(key: string): void {
    const { map } = this.#ctx.state
    map.set(key, (map.get(key) ?? 0) + 1)
  }

  delete(key: string): void {
    this.#ctx.state.map.delete(key)
  }

  add(count: number): void {
    this.#ctx.state.sum.add(count)
    this.#ctx.state.mean.add(count)
  }

  grow(text: string): void {
    this.#ctx.state.value.get()?.push(text)
  }

  clear(what: 'value' | 'list' | 'map' | 'sum'): void {
    this.#ctx.state[what].clear()
  }

  timer(time: number): void {
    this.#ctx.timers.eventTime(time)
  }

  cancel(time: number): void {
    this.#ctx.timers.deleteEventTime(time)
  }

  emit(text: string): void {
    this.#ctx.emit(text)
  }
}

/** One key's world, in plain variables. */
class Plain implements World {
  time = 0
  value: string[] | undefined
  list: string[] = []
  sums: number[] = []
  means: number[] = []
  readonly entries = new Map<string, number>()
  readonly timers = new Set<number>()
  readonly #tell: (text: string) => void

  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  get sum(): number | undefined {
    return this.sums.length === 0 ? undefined : total(this.sums)
  }

  get mean(): number | undefined {
    return this.means.length === 0 ? undefined : total(this.means) / this.means.length
  }

  get map(): readonly (readonly [string, number])[] {
    return [...this.entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  push(text: string): void {
    this.list.push(text)
  }

  put(key: string): void {
    this.entries.set(key, (this.entries.get(key) ?? 0) + 1)
  }

  delete(key: string): void {
    this.entries.delete(key)
  }

  add(count: number): void {
    this.sums.push(count)
    this.means.push(count)
  }

  grow(text: string): void {
    this.value?.push(text)
  }

  clear(what: 'value' | 'list' | 'map' | 'sum'): void {
    if (what === 'value') this.value = undefined
    if (what === 'list') this.list = []
    if (what === 'map') this.entries.clear()
    if (what === 'sum') this.sums = []
  }

  timer(time: number): void {
    this.timers.add(time)
  }

  cancel(time: number): void {
    this.timers.delete(time)
  }

  emit(text: string): void {
    this.#tell(text)
  }
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

class Model {
  readonly told: string[] = []
  readonly #worlds = new Map<string, Plain>()
  #highest = Number.NEGATIVE_INFINITY

  take(key: string, made: Order, time: number): void {
    const world = this.#worlds.get(key) ?? new Plain((text) => this.told.push(`${key} ${text}`))
    this.#worlds.set(key, world)
    world.time = time
    // What fails leaves nothing behind.
    if (made[0] !== 'fail') obey(world, made)
    if (time <= this.#highest) return
    this.#highest = time
    for (let due = this.#due(); due !== undefined; due = this.#due()) {
      due.world.timers.delete(due.time)
      due.world.time = due.time
      ring(due.world, due.time)
    }
  }

  lists(): readonly (readonly [string, readonly string[]])[] {
    return [...this.#worlds]
      .filter(([, { list }]) => list.length > 0)
      .map(([key, { list }]) => [key, list] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  timers(): number {
    return total([...this.#worlds.values()].map(({ timers }) => timers.size))
  }

  #due(): { readonly world: Plain; readonly time: number } | undefined {
    const all = [...this.#worlds].flatMap(([key, world]) =>
      [...world.timers].map((time) => ({ key, world, time })),
    )
    return all
      .filter(({ time }) => time <= this.#highest - 1)
      .toSorted((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1))[0]
  }
}

interface Send {
  readonly kind: 'send'
  readonly key: string
  readonly order: Order
  readonly ahead: number
}

const action: fc.Arbitrary<Send | Turn> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      key: word,
      order,
      ahead: fc.integer({ min: -3, max: 4 }),
    }),
  },
  ...turns,
)

function check(
  onError: 'fail' | 'skip',
  actions: readonly (Send | Turn)[],
  backend?: MapBackend,
): void {
  const owner = new TaskOwner(plans[onError], backend)
  const model = new Model()
  let now = 10
  for (const one of actions) {
    if (one.kind !== 'send') {
      owner.apply(one)
      continue
    }
    if (one.order[0] === 'fail' && onError === 'fail') continue
    const timestamp = Math.max(0, now + one.ahead)
    now = Math.max(now, timestamp)
    model.take(one.key, one.order, timestamp)
    owner.send('in', { key: one.key, value: JSON.stringify(one.order), timestamp })
  }
  owner.finish()
  owner.finish()
  const { bench } = owner
  expect(bench.read('out').map(([key, value]) => `${key} ${value}`)).toEqual(model.told)
  expect(bench.task.store('p-list').entries()).toEqual(model.lists())
  expect(bench.task.store('p-timers').entries()).toHaveLength(model.timers())
}

test('state and timers are those of plain maps, whatever is dropped or restarted', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) =>
      check('fail', actions),
    ),
    { numRuns: 60 },
  )
})

test('so they are above a backend that outlives the task', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      check('fail', actions, new MapBackend())
    }),
    { numRuns: 40 },
  )
})

test('under a policy that skips, a call that fails leaves no trace anywhere', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      check('skip', actions)
    }),
    { numRuns: 40 },
  )
})
