import { expect, test } from '@jest/globals'
import { int64, json, monotonous, session, topology, tumbling } from '../../../src/index.ts'
import { explain } from '../../../src/plan/explain.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

interface Sale {
  readonly id: string
  readonly price: number
}

const sales = topology('test', (t) => {
  const keyed = t.stream('sales', { value: json<Sale>(), watermark: monotonous() }).groupByKey()
  const price = (sale: Sale) => sale.price
  keyed.sum('sum', price)
  keyed.sum('whole', (sale) => Math.round(sale.price), { value: int64 })
  keyed.min('min', price)
  keyed.max('max', price)
  keyed.minBy('cheapest', price)
  keyed.maxBy('dearest', price)
  const windows = keyed.windowedBy(tumbling(10), { grace: 100 })
  windows.sum('window-sum', price)
  windows.min('window-min', price)
  windows.max('window-max', price)
  windows.minBy('window-cheapest', price)
  windows.maxBy('window-dearest', price)
  const sessions = keyed.windowedBy(session(10), { grace: 100 })
  sessions.sum('session-sum', price)
  sessions.min('session-min', price)
  sessions.max('session-max', price)
  sessions.minBy('session-cheapest', price)
  sessions.maxBy('session-dearest', price)
})

test('sums, smallest and largest of the values of a key, a window and a session', () => {
  const driver = new TopologyTestDriver(sales)
  const send = (id: string, price: number, timestamp: number) =>
    driver.input('sales').send({ key: 'a', value: { id, price }, timestamp })
  send('one', 2.5, 100)
  send('two', 1, 112)
  // This one brings two sessions together.
  send('three', 1, 106)
  const get = (store: string, key: unknown = 'a') => driver.store(store).get(key)
  expect([get('sum'), get('whole'), get('min'), get('max')]).toEqual([4.5, 5, 1, 2.5])
  expect([get('cheapest'), get('dearest')]).toEqual([
    { id: 'two', price: 1 },
    { id: 'one', price: 2.5 },
  ])
  const window = { key: 'a', start: 100, end: 110 }
  expect([get('window-sum', window), get('window-min', window), get('window-max', window)]).toEqual(
    [3.5, 1, 2.5],
  )
  expect(get('window-cheapest', window)).toEqual({ id: 'three', price: 1 })
  expect(get('window-dearest', window)).toEqual({ id: 'one', price: 2.5 })
  const met = { key: 'a', start: 100, end: 112 }
  expect([get('session-sum', met), get('session-min', met), get('session-max', met)]).toEqual([
    4.5, 1, 2.5,
  ])
  expect(get('session-cheapest', met)).toEqual({ id: 'two', price: 1 })
  expect(get('session-dearest', met)).toEqual({ id: 'one', price: 2.5 })
})

test('sums are written as doubles unless something else is stated', () => {
  const text = explain(sales)
  expect(text).toMatch(/store\s+sum .*value double \(default\)/)
  expect(text).toMatch(/store\s+whole .*value int64 \(stated\)/)
})

test('a selector is a function', () => {
  expect(() =>
    topology('test', (t) => {
      t.stream('in').groupByKey().sum('sum', JSON.parse('"price"'))
    }),
  ).toThrow('INVALID_ARGUMENT: the selector of sum("sum") needs a function')
})
