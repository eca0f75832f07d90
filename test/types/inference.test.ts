/**
 * This file must compile: every `@ts-expect-error` is a wrong use that the compiler has to refuse.
 */
import { expect, test } from '@jest/globals'
import {
  boundedOutOfOrderness,
  bytes,
  int32,
  int64,
  json,
  type GlobalTable,
  type GroupedTable,
  type KeyedStream,
  monotonous,
  punctuated,
  session,
  type SessionWindowedStream,
  type Serde,
  type Stream,
  string,
  type Table,
  topology,
  tumbling,
  type Windowed,
  windowed,
  type WindowedStream,
} from '../../src/index.ts'

interface Order {
  readonly id: string
  readonly amount: number
}
type Shape = { readonly kind: 'circle'; readonly r: number } | { readonly kind: 'dot' }
type Circle = Extract<Shape, { kind: 'circle' }>

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what tells `any` apart
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Takes a value of exactly the type `T`: `any`, wider and narrower types are refused. */
function exactly<T>() {
  return <U>(value: U, ..._same: Same<U, T> extends true ? [] : [never]): U => value
}

test('the types of keys and values follow from the serdes and the functions', () => {
  const built = topology('types', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>() })
    exactly<Stream<number, Order>>()(orders)
    exactly<Stream<string, unknown>>()(t.stream('untyped'))
    exactly<Stream<number, number>>()(orders.mapValues((order) => order.amount))
    exactly<Stream<string, number>>()(orders.map((order) => [order.id, order.amount]))
    exactly<Stream<string, Order>>()(orders.selectKey((order) => order.id))
    exactly<Stream<number, string>>()(orders.flatMapValues((order) => [order.id]))
    exactly<Stream<string, number>>()(orders.flatMap((o) => [[o.id, 1]]))
    exactly<Stream<number, Order>>()(orders.filter((order, key) => order.amount > key))
    exactly<Stream<number, Order>>()(orders.filterNot((order) => order.amount > 1))
    exactly<Stream<number, Order>>()(orders.peek((_order, _key, record) => record.offset))
    const byId = orders.groupBy('by-id', (order) => order.id, { key: string })
    exactly<KeyedStream<string, Order>>()(byId)
    exactly<Table<string, number>>()(byId.count('counts'))
    exactly<Table<string, Order>>()(byId.reduce('largest', (a, b) => (a.amount > b.amount ? a : b)))
    const names = byId.aggregate('names', {
      init: (): string[] => [],
      add: (list, order, key) => [...list, order.id, key],
      value: json<string[]>(),
    })
    exactly<Table<string, string[]>>()(names)
    exactly<Stream<string, string[]>>()(names.toStream())
    exactly<Table<number, Order>>()(orders.groupByKey().reduce('last', (_, order) => order))
    exactly<Table<number, Order>>()(orders.toTable('orders-table'))
    // @ts-expect-error: the check itself tells types apart
    exactly<Stream<string, Order>>()(orders)
  })
  expect(built.nodes.length).toBeGreaterThan(10)
})

test('a join has the types of the table and of what its joiner answers', () => {
  topology('joins', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>() })
    const names = t.table('names', { key: int32, value: string })
    exactly<Table<number, string>>()(names)
    exactly<Stream<number, string>>()(
      orders.join('named', names, (order, name, key) => `${order.id}${name.length}${key}`),
    )
    exactly<Stream<number, number | null>>()(
      orders.leftJoin('maybe', names, (_, name) => name?.length ?? null),
    )
    // @ts-expect-error: a left join may find nothing
    orders.leftJoin('null', names, (_, name) => name.length)
    // @ts-expect-error: records that wait are orders
    expect(() => orders.join('wait', names, (order) => order, { value: string })).toThrow('grace')
    exactly<Stream<number, Order>>()(t.stream(/^orders-/, { key: int32, value: json<Order>() }))
    const byName = t.table('by-name', { key: string, value: string })
    // @ts-expect-error: the keys are of another type
    expect(() => orders.join('keys', byName, (order) => order)).toThrow('NOT_CO_PARTITIONED')
    // @ts-expect-error: a join has a name
    expect(() => orders.join(names, (order: Order) => order)).toThrow('INVALID_NAME')
  })
})

test('a table of sessions is keyed by windows, and its aggregates can be merged', () => {
  topology('sessions', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>(), watermark: monotonous() })
    const sessions = orders.groupByKey().windowedBy(session('30m'), { emit: 'final' })
    exactly<SessionWindowedStream<number, Order>>()(sessions)
    exactly<Table<Windowed<number>, number>>()(sessions.count('counts'))
    const sum = { init: () => 0, add: (total: number, order: Order) => total + order.amount }
    exactly<Table<Windowed<number>, number>>()(
      sessions.aggregate('sums', { ...sum, merge: (a, b) => a + b }),
    )
    // @ts-expect-error: sessions merge
    expect(() => sessions.aggregate('wrong', sum)).toThrow('INVALID_ARGUMENT')
  })
})

test('tables have the types of their functions, rows that may be missing included', () => {
  topology('tables', (t) => {
    const orders = t.table('orders', { key: int32, value: json<Order>() })
    const shapes = t.table('shapes', { key: int32, value: json<Shape>() })
    exactly<Table<number, Order>>()(orders.filter((order, key) => order.amount > key))
    exactly<Table<number, Circle>>()(shapes.filter((shape) => shape.kind === 'circle'))
    exactly<Table<number, number>>()(
      orders.mapValues((order) => (order.amount > 0 ? order.amount : null)),
    )
    exactly<Table<number, string>>()(
      orders.join('both', shapes, (order, shape) => `${order.id}${shape.kind}`),
    )
    // @ts-expect-error: a left join may find nothing
    orders.leftJoin('left', shapes, (_, shape) => shape.kind)
    exactly<Table<number, string | undefined>>()(
      orders.outerJoin('outer', shapes, (order, shape) => order?.id ?? shape?.kind),
    )
    const names = t.table('names', { key: string, value: string })
    // @ts-expect-error: the keys are of another type
    expect(() => orders.join('keys', names, (order) => order)).toThrow('NOT_CO_PARTITIONED')
    exactly<Table<number, string>>()(
      orders.join('named', names, {
        foreignKey: (order) => order.id,
        joiner: (order, name, key) => `${order.amount}${name}${key}`,
      }),
    )
    // @ts-expect-error: the foreign key is not of the other table's type
    orders.join('wrong', names, { foreignKey: (order) => order.amount, joiner: (order) => order })
    const byId = orders.groupBy('by-id', (order) => [order.id, order.amount])
    exactly<GroupedTable<string, number>>()(byId)
    exactly<Table<string, number>>()(byId.count('orders-by-id'))
    // @ts-expect-error: what is added has to be taken back
    expect(() => byId.aggregate('sum', { init: () => 0, add: (a, b) => a + b })).toThrow('subtract')
    const products = t.globalTable('products', { key: string, value: int64 })
    exactly<GlobalTable<string, number>>()(products)
    const stream = t.stream('stream', { key: int32, value: json<Order>() })
    exactly<Stream<number, number>>()(
      stream.join('priced', products, {
        on: (order) => order.id,
        joiner: (order, price) => order.amount * price,
      }),
    )
    // @ts-expect-error: the row's key is not of the table's type
    stream.join('unpriced', products, { on: (order) => order.amount, joiner: (order) => order })
  })
})

test('a join of streams has the types of both values, null where one may be missing', () => {
  topology('stream-joins', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>(), watermark: monotonous() })
    const paid = t.stream('payments', { key: int32, value: int64, watermark: monotonous() })
    const within = { within: '5m' } as const
    exactly<Stream<number, number>>()(
      orders.join('paid', paid, (order, cents, key) => order.amount - cents + key, within),
    )
    exactly<Stream<number, number | null>>()(
      orders.leftJoin('maybe', paid, (order, cents) => cents && order.amount - cents, within),
    )
    exactly<Stream<number, string | undefined>>()(
      orders.outerJoin('any', paid, (order, cents) => (cents === null ? '' : order?.id), within),
    )
    // @ts-expect-error: a left join may find nothing
    orders.leftJoin('null', paid, (order, cents) => order.amount - cents.valueOf(), within)
    // @ts-expect-error: streams are joined within a distance
    expect(() => orders.join('far', paid, (order) => order)).toThrow('INVALID_ARGUMENT')
    const byName = t.stream('names', { value: string, watermark: monotonous() })
    // @ts-expect-error: the keys are of another type
    expect(() => orders.join('keys', byName, (order) => order, within)).toThrow()
  })
})

test('a windowed table is keyed by windows, and not taken for a plain one', () => {
  topology('windows', (t) => {
    const orders = t.stream('orders', { key: int32, value: json<Order>(), watermark: monotonous() })
    const windows = orders.groupByKey().windowedBy(tumbling('10s'), { grace: '5s', emit: 'final' })
    exactly<WindowedStream<number, Order>>()(windows)
    const counts = windows.count('counts')
    exactly<Table<Windowed<number>, number>>()(counts)
    exactly<Table<Windowed<number>, Order>>()(windows.reduce('last', (_, order) => order))
    const sums = windows.aggregate('sums', {
      init: () => 0,
      add: (sum, order, key) => sum + order.amount + key,
    })
    exactly<Table<Windowed<number>, number>>()(sums)
    exactly<Stream<number, number>>()(sums.toStream().map((sum, { key }) => [key, sum]))
    counts.to('out', { key: windowed(int32, '10s') })
    // @ts-expect-error: the table's keys are windows
    expect(() => orders.join('counted', counts, (order) => order)).toThrow('NOT_CO_PARTITIONED')
    // @ts-expect-error: they are not written as their key alone
    counts.to('wrong', { key: int32 })
    // @ts-expect-error: windows are said as windows
    expect(() => orders.groupByKey().windowedBy('10s')).toThrow('INVALID_ARGUMENT')
    // @ts-expect-error: when to emit is said to windowedBy()
    expect(() => windows.count('again', { emit: 'update' })).toThrow('INVALID_ARGUMENT')
    // @ts-expect-error: an aggregation over windows has a name
    expect(() => windows.count()).toThrow('INVALID_NAME')
  })
})

test('a type guard narrows a filter and the branches of a split', () => {
  topology('guards', (t) => {
    const shapes = t.stream('shapes', { value: json<Shape>() })
    exactly<Stream<string, Circle>>()(shapes.filter((shape) => shape.kind === 'circle'))
    const guard = (shape: Shape) => shape.kind === 'circle'
    const { circles, other } = shapes.split({ circles: guard, other: 'rest' })
    exactly<Stream<string, Circle>>()(circles)
    exactly<Stream<string, Shape>>()(other)
    const { small, large } = shapes.split({
      small: (shape, key) => shape.kind === 'dot' || (shape.r < 1 && key !== ''),
      large: (shape) => shape.kind === 'circle',
    })
    exactly<Stream<string, Shape>>()(small)
    large.mapValues((shape) => shape.kind)
    // @ts-expect-error: there is no such branch
    expect(shapes.split({ a: () => true }).b).toBeUndefined()
  })
})

test('the defaults of the topology are the types of sources without serdes', () => {
  topology('defaults', { key: int64, value: json<Order>() }, (t) => {
    exactly<Stream<number, Order>>()(t.stream('a'))
    exactly<Stream<number, string>>()(t.stream('b', { value: string }))
  })
  topology('key-default', { key: bytes }, (t) => {
    exactly<Stream<Uint8Array, unknown>>()(t.stream('a'))
  })
})

test('functions of a source see its value type', () => {
  topology('times', (t) => {
    t.stream('orders', {
      value: json<Order>(),
      timestamp: (order, record) => order.amount + record.timestamp,
      watermark: boundedOutOfOrderness('5s'),
      idleAfter: '1m',
      startFrom: { last: '7d' },
    })
    const mark = punctuated((order: Order, timestamp) => order.amount + timestamp)
    t.stream('marks', { watermark: mark })
    // @ts-expect-error: a duration has a unit
    expect(() => t.stream('x', { idleAfter: '5 minutes' })).toThrow('INVALID_DURATION')
  })
})

test('a serde of another type than the stream does not compile', () => {
  topology('wrong-serdes', (t) => {
    const orders = t.stream('orders', { key: string, value: json<Order>() })
    // @ts-expect-error: keys are strings
    orders.to('out-1', { key: int32 })
    // @ts-expect-error: values are orders
    orders.to('out-2', { value: string })
    // @ts-expect-error: the function may answer a topic that is not declared
    orders.to((order): 'a' | 'b' => (order.amount > 0 ? 'a' : 'b'), { topics: ['a'] })
    // @ts-expect-error: a function declares its topics
    expect(() => orders.to(() => 'out-3')).toThrow('INVALID_ARGUMENT')
    // @ts-expect-error: the selector answers numbers
    orders.groupBy('by-amount', (order) => order.amount, { key: string })
    // @ts-expect-error: values are orders
    orders.repartition('again', { value: int64 })
    const wrong = { init: () => 0, add: (a: number, o: Order) => a + o.amount, value: string }
    // @ts-expect-error: the aggregate is a number
    orders.groupByKey().aggregate('sum', wrong)
  })
})

test('a function of another type than the stream does not compile', () => {
  topology('wrong-functions', (t) => {
    const orders = t.stream('orders', { value: json<Order>() })
    // @ts-expect-error: an order has no total
    orders.mapValues((order) => order.total)
    // @ts-expect-error: a predicate answers a boolean
    orders.filter((order) => order.id)
    // @ts-expect-error: map answers [key, value]
    orders.map((order) => order.id)
    // @ts-expect-error: values of another type
    orders.merge(t.stream('lines', { value: string }))
    // @ts-expect-error: a reducer answers the type that it takes
    orders.groupByKey().reduce('sum', (a, b) => a.amount + b.amount)
    // @ts-expect-error: what owns state is named
    expect(() => orders.groupByKey().count()).toThrow('INVALID_NAME')
    // @ts-expect-error: there is no such policy
    expect(() => orders.peek(() => 0, { onError: 'ignore' })).toThrow('INVALID_ARGUMENT')
    // @ts-expect-error: options are known ones
    expect(() => t.stream('other', { vlaue: string })).toThrow('INVALID_ARGUMENT')
  })
})

test('keys of literal types keep them unless the serde is wider', () => {
  const level: Serde<'low' | 'high'> = json<'low' | 'high'>()
  topology('levels', (t) => {
    const levels = t.stream('levels', { value: level })
    exactly<Stream<string, 'low' | 'high'>>()(levels)
    exactly<KeyedStream<string, 'low' | 'high'>>()(levels.groupBy('by', (v) => v, { key: string }))
  })
})
