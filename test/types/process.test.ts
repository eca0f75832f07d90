/**
 * This file must compile: every `@ts-expect-error` is a wrong use that the compiler has to refuse.
 */
import { expect, test } from '@jest/globals'
import {
  aggregatingState,
  broadcastState,
  type ConnectedStreams,
  int32,
  int64,
  json,
  type KeyValueStore,
  keyValueStore,
  type ListState,
  listState,
  type MapState,
  mapState,
  monotonous,
  outputTag,
  type ReadMapState,
  reducingState,
  type Stream,
  string,
  topology,
  type ValueState,
  valueState,
} from '../../src/index.ts'

interface Order {
  readonly id: string
  readonly amount: number
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what tells `any` apart
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Takes a value of exactly the type `T`: `any`, wider and narrower types are refused. */
function exactly<T>() {
  return <U>(value: U, ..._same: Same<U, T> extends true ? [] : [never]): U => value
}

const late = outputTag('late', json<Order>())
const counts = keyValueStore('counts', { key: int32, value: int64 })

test('the types of state, output and key follow from what is declared', () => {
  topology('process', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>(), watermark: monotonous() })
    const out = orders.groupByKey().process('p', {
      out: string,
      sides: [late],
      state: {
        last: valueState(json<Order>(), { ttl: '1m' }),
        ids: listState(string),
        amounts: mapState(string, int64),
        sum: reducingState(int64, (a, b) => a + b),
        mean: aggregatingState({
          value: json<number[]>(),
          init: () => [],
          add: (list, order: Order) => [...list, order.amount],
          result: (list) => `${list.length}`,
        }),
      },
      onRecord(ctx, order) {
        exactly<number>()(ctx.key)
        exactly<Order>()(order)
        exactly<ValueState<Order>>()(ctx.state.last)
        exactly<ListState<string>>()(ctx.state.ids)
        exactly<MapState<string, number>>()(ctx.state.amounts)
        exactly<number | undefined>()(ctx.state.sum.get())
        exactly<string | undefined>()(ctx.state.mean.get())
        ctx.emit(order.id)
        ctx.state.mean.add(order)
        ctx.side(late, order)
        // @ts-expect-error: the output is a string
        expect(() => ctx.emit(order.amount)).toThrow()
        // @ts-expect-error: the side output has orders
        ctx.side(late, 'late')
        // @ts-expect-error: the state has orders
        ctx.state.last.set('last')
        // @ts-expect-error: there is no such state
        expect(ctx.state.first).toBeUndefined()
        // @ts-expect-error: it is folded from orders
        ctx.state.mean.add(1)
      },
      onTimer: (ctx, timer) => ctx.emit(`${ctx.key + timer.time}`),
    })
    exactly<Stream<number, string>>()(out)
    exactly<Stream<number, Order>>()(out.sideOutput(late))
    // @ts-expect-error: what owns state is named
    expect(() => orders.groupByKey().process({ onRecord: () => undefined })).toThrow('INVALID_NAME')
    orders.groupByKey().process('silent', {
      // @ts-expect-error: without `out` nothing is emitted
      onRecord: (ctx) => ctx.emit('x'),
    })
    orders.groupByKey().process('async', {
      state: { s: valueState(string) },
      // @ts-expect-error: an operator has one clock or the other
      onRecord: (ctx) => ctx.every('1s', 'sun', () => undefined),
    })
  })
})

test('processors keep keys or give new ones', () => {
  topology('processors', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>() })
    const values = orders.processValues('values', {
      out: int64,
      stores: [counts],
      onRecord(ctx, order) {
        exactly<KeyValueStore<number, number>>()(ctx.store(counts))
        exactly<number>()(ctx.key)
        ctx.emit(order.amount)
        // @ts-expect-error: the keys of the store are numbers
        ctx.store(counts).put('key', 1)
      },
    })
    exactly<Stream<number, number>>()(values)
    const records = orders.process('records', {
      outKey: string,
      out: int64,
      onRecord(ctx, order) {
        ctx.emit(order.amount, order.id)
        // @ts-expect-error: keys are strings
        expect(() => ctx.emit(order.amount, 1)).toThrow()
        // @ts-expect-error: state is by key
        expect(ctx.state).toBeUndefined()
      },
    })
    exactly<Stream<string, number>>()(records)
    values.groupByKey()
    expect(() => records.groupByKey()).toThrow('NOT_PARTITIONED_BY_KEY')
  })
})

test('connected streams have the types of both', () => {
  topology('connected', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>() }).groupByKey()
    const names = t.stream('names', { key: int32, value: string }).groupByKey()
    const both = orders.connect(names)
    exactly<ConnectedStreams<number, Order, string>>()(both)
    const out = both.process('both', {
      out: string,
      onFirst: (ctx, order) => ctx.emit(order.id),
      onSecond: (ctx, name) => ctx.emit(name.toUpperCase()),
    })
    exactly<Stream<number, string>>()(out)
    const rules = t.stream('rules', { key: string, value: int64 }).broadcast('rules')
    orders.connect(rules).process('ruled', {
      broadcast: { limits: broadcastState(string, int64) },
      onRecord(ctx) {
        exactly<ReadMapState<string, number>>()(ctx.broadcast.limits)
      },
      onBroadcast(ctx, limit) {
        exactly<MapState<string, number>>()(ctx.broadcast.limits)
        exactly<string>()(ctx.key)
        ctx.broadcast.limits.set(ctx.key, limit)
        // @ts-expect-error: there is no key of the stream, and no timer, here
        expect(ctx.timers).toBeUndefined()
      },
    })
  })
})
