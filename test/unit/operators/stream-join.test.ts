import { expect, test } from '@jest/globals'
import { explain } from '../../../src/plan/explain.ts'
import { describe } from '../../../src/plan/describe.ts'
import { json, monotonous, string, topology } from '../../../src/index.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'
import type { StreamJoinOptions } from '../../../src/topology/options.ts'

type Options = StreamJoinOptions<string, string, string>

const timed = { value: string, watermark: monotonous() }
const joiner = (order: string | null, payment: string | null) => `${order}+${payment}`

const built = (
  call: 'join' | 'leftJoin' | 'outerJoin',
  options: Options = { within: 10, grace: 5 },
) =>
  topology('test', (t: TopologyBuilder<string, unknown>) => {
    const orders = t.stream('orders', timed)
    const payments = t.stream('payments', timed)
    const joined =
      call === 'join'
        ? orders.join('paid', payments, joiner, options)
        : call === 'leftJoin'
          ? orders.leftJoin('paid', payments, joiner, options)
          : orders.outerJoin('paid', payments, joiner, options)
    joined.to('out', { value: string })
  })

const driverOf = (...made: Parameters<typeof built>) => new TopologyTestDriver(built(...made))

const told = (driver: TopologyTestDriver) =>
  driver
    .output('out')
    .readAll()
    .map(({ key, value, timestamp }) => [key, value, timestamp])

test('records of the same key meet, whichever comes first, at the later time of the two', () => {
  const driver = driverOf('join')
  driver.input('orders').send({ key: 'a', value: 'o1', timestamp: 100 })
  driver.input('payments').send({ key: 'a', value: 'p1', timestamp: 105 })
  driver.input('payments').send({ key: 'b', value: 'p2', timestamp: 106 })
  driver.input('orders').send({ key: 'b', value: 'o2', timestamp: 116 })
  driver.input('orders').send({ key: 'b', value: 'o3', timestamp: 117 })
  expect(told(driver)).toEqual([
    ['a', 'o1+p1', 105],
    ['b', 'o2+p2', 116],
  ])
})

test('a left join tells an order without a payment once, when none can come any more', () => {
  const driver = driverOf('leftJoin')
  driver.input('orders').send({ key: 'a', value: 'o1', timestamp: 100 })
  driver.input('orders').send({ key: 'b', value: 'o2', timestamp: 101 })
  driver.input('payments').send({ key: 'b', value: 'p2', timestamp: 111 })
  driver.input('payments').send({ key: 'c', value: 'p3', timestamp: 112 })
  expect(told(driver)).toEqual([['b', 'o2+p2', 111]])
  driver.commit()
  driver.advanceWatermark(114)
  expect(told(driver)).toEqual([])
  driver.advanceWatermark(115)
  expect(told(driver)).toEqual([['a', 'o1+null', 100]])
  driver.crash()
  driver.advanceWatermark(200)
  expect(told(driver)).toEqual([])
})

test('an outer join tells what is alone on either side, in the order of time', () => {
  const driver = driverOf('outerJoin')
  driver.input('orders').send({ key: 'a', value: 'o1', timestamp: 102 })
  driver.input('payments').send({ key: 'b', value: 'p1', timestamp: 101 })
  driver.advanceWatermark(200)
  expect(told(driver)).toEqual([
    ['b', 'null+p1', 101],
    ['a', 'o1+null', 102],
  ])
})

test('what waits for a partner survives a crash, and is told once whatever crashes', () => {
  const driver = driverOf('outerJoin')
  driver
    .input('orders')
    .send({ key: 'a', value: 'o1', timestamp: 100 }, { key: 'b', value: 'o2', timestamp: 100 })
  driver.commit()
  driver.crash()
  driver.input('payments').send({ key: 'a', value: 'p1', timestamp: 104 })
  driver.crash()
  driver.advanceWatermark(300)
  expect(told(driver)).toEqual([
    ['a', 'o1+p1', 104],
    ['b', 'o2+null', 100],
  ])
  expect(driver.store('paid-left').entries()).toEqual([])
  expect(driver.store('paid-right').entries()).toEqual([])
})

test('the right record may be earlier by one distance and later by another', () => {
  const driver = driverOf('join', { within: { before: 0, after: '1s' } })
  driver.input('orders').send({ key: 'a', value: 'o1', timestamp: 5000 })
  driver.input('payments').send({ key: 'a', value: 'p1', timestamp: 4999 })
  driver.input('payments').send({ key: 'a', value: 'p2', timestamp: 5000 })
  driver.input('payments').send({ key: 'a', value: 'p3', timestamp: 6000 })
  driver.input('payments').send({ key: 'a', value: 'p4', timestamp: 6001 })
  expect(told(driver).map(([, value]) => value)).toEqual(['o1+p2', 'o1+p3'])
})

test.each([
  ['join', []],
  ['leftJoin', [[null, 'o+null', 100]]],
  [
    'outerJoin',
    [
      [null, 'o+null', 100],
      [null, 'null+p', 100],
    ],
  ],
] as const)('%s: records without a key are told at once where they can be', (call, expected) => {
  const driver = driverOf(call)
  driver.input('orders').send({ value: 'o', timestamp: 100 }, { key: 'a', timestamp: 100 })
  driver.input('payments').send({ value: 'p', timestamp: 100 }, { key: 'a', timestamp: 100 })
  driver.advanceWatermark(300)
  expect(told(driver)).toEqual(expected)
})

test('records of a stream meet each other and themselves, over one store', () => {
  const self = topology('test', (t) => {
    const orders = t.stream('orders', timed)
    const pairs = orders.join('pairs', orders, (l, r) => `${l}+${r}`, { within: 10 })
    pairs.to('out', { value: string })
  })
  expect(planTopology(self).subTopologies[0]?.stores.map(({ name }) => name)).toEqual(['pairs'])
  const driver = new TopologyTestDriver(self)
  driver.input('orders').send({ key: 'a', value: '1', timestamp: 100 })
  driver.input('orders').send({ key: 'a', value: '2', timestamp: 110 })
  driver.input('orders').send({ key: 'a', value: '3', timestamp: 121 })
  expect(told(driver)).toEqual([
    ['a', '1+1', 100],
    ['a', '2+1', 110],
    ['a', '1+2', 110],
    ['a', '2+2', 110],
    ['a', '3+3', 121],
  ])
})

test('records of one key and time all meet, however many they are', () => {
  const driver = driverOf('join')
  const orders = Array.from({ length: 21 }, (_, at) => `o${at}`)
  driver.input('orders').send(...orders.map((value) => ({ key: 'a', value, timestamp: 100 })))
  driver.commit()
  driver.crash()
  driver.input('orders').send({ key: 'a', value: 'o21', timestamp: 100 })
  driver.input('payments').send({ key: 'a', value: 'p', timestamp: 100 })
  const pairs = [...orders, 'o21'].map((order) => `${order}+p`)
  expect(told(driver).map(([, value]) => value)).toEqual(pairs)
})

test('a record whose joiner throws is left out, and is not kept', () => {
  const driver = new TopologyTestDriver(
    topology('test', (t) => {
      const failing = (l: string, r: string) => {
        if (r === 'bad') throw new Error('no')
        return l + r
      }
      t.stream('orders', timed)
        .join('j', t.stream('payments', timed), failing, { within: 10, onError: 'skip' })
        .to('out', { value: string })
    }),
  )
  driver.input('orders').send({ key: 'a', value: 'o1', timestamp: 100 })
  driver.input('payments').send({ key: 'a', value: 'bad', timestamp: 100 })
  driver.input('payments').send({ key: 'a', value: 'p', timestamp: 100 })
  driver.input('orders').send({ key: 'a', value: 'o2', timestamp: 101 })
  expect(told(driver).map(([, value]) => value)).toEqual(['o1p', 'o2p'])
})

test('a join is described with its stores and its distance', () => {
  const made = built('leftJoin', { within: { before: '1s', after: '5m' } })
  expect(describe(made)).toContain(
    'stores paid-left, paid-right; within 1s before and 5m after, grace 0ms',
  )
  expect(explain(made)).toContain('test-paid-left-changelog')
  expect(planTopology(made).subTopologies[0]?.coPartitioned).toEqual([['orders', 'payments']])
})

test.each<[string, string, (t: TopologyBuilder<string, unknown>) => void]>([
  [
    'NO_EVENT_TIME',
    'the right one',
    (t) => {
      const right = t.stream('b', { value: string })
      t.stream('a', timed).join('j', right, joiner, { within: 1 })
    },
  ],
  [
    'NOT_CO_PARTITIONED',
    'keys written by string',
    (t) => {
      const right = t.stream<string, string>('b', { ...timed, key: json<string>() })
      t.stream('a', timed).join('j', right, joiner, { within: 1 })
    },
  ],
  [
    'NOT_PARTITIONED_BY_KEY',
    'selectKey()',
    (t) => {
      const right = t.stream('b', timed).selectKey((value) => value)
      t.stream('a', timed).join('j', right, joiner, { within: 1 })
    },
  ],
  [
    'DUPLICATE_NAME',
    'j-left',
    (t) => {
      const left = t.stream('a', timed)
      left.groupByKey().count('j-left')
      left.join('j', t.stream('b', timed), joiner, { within: 1 })
    },
  ],
  [
    'INVALID_ARGUMENT',
    "within: '5m'",
    (t) => {
      const options = JSON.parse('{}')
      t.stream('a', timed).join('j', t.stream('b', timed), joiner, options)
    },
  ],
])('%s is told for a join that cannot be right: %s', (code, words, build) => {
  expect(() => topology('test', build)).toThrow(code)
  expect(() => topology('test', build)).toThrow(words)
})
