import { expect, test } from '@jest/globals'
import {
  monotonous,
  string,
  type SuppressOptions,
  topology,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
} from '../../../src/index.ts'
import { describe } from '../../../src/plan/describe.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

const calm = (options: SuppressOptions<string> = {}) =>
  topology('test', (t) => {
    t.stream('in', { value: string, watermark: monotonous() })
      .toTable('rows')
      .suppress('calm', untilTimeLimit(10), options)
      .to('out')
  })

const send = (driver: TopologyTestDriver, key: string, value: string | null, timestamp: number) =>
  driver.input('in').send({ key, value, timestamp })

const told = (driver: TopologyTestDriver) =>
  driver
    .output('out')
    .readAll()
    .map(({ key, value, timestamp }) => [key, value, timestamp])

test('the last change of a key is told when the limit has passed since the first', () => {
  const driver = new TopologyTestDriver(calm())
  send(driver, 'a', '1', 100)
  send(driver, 'a', '2', 105)
  driver.commit()
  driver.crash()
  driver.advanceWatermark(109)
  expect(told(driver)).toEqual([])
  driver.advanceWatermark(110)
  expect(told(driver)).toEqual([['a', '2', 105]])
  send(driver, 'a', null, 120)
  driver.advanceWatermark(200)
  expect(told(driver)).toEqual([['a', null, 120]])
})

test('bytes of keys and values are bounded, through restarts', () => {
  // A key of one byte, one that says whether there is a value, and the value.
  const stops = new TopologyTestDriver(calm({ maxBytes: 10 }))
  send(stops, 'a', '12', 100)
  send(stops, 'b', '1234', 100)
  stops.commit()
  stops.crash()
  send(stops, 'a', null, 100)
  send(stops, 'a', '12', 100)
  expect(() => send(stops, 'b', '12345', 101)).toThrow('of more than 10 bytes')
})

test('as many changes are told as it takes to have room', () => {
  const emits = new TopologyTestDriver(calm({ maxBytes: '10B', whenFull: 'emit' }))
  send(emits, 'a', '1', 100)
  send(emits, 'b', '1', 101)
  send(emits, 'c', '1', 102)
  send(emits, 'd', '12345', 103)
  expect(told(emits)).toEqual([
    ['a', '1', 100],
    ['b', '1', 101],
  ])
  send(emits, 'e', '123456789', 104)
  expect(told(emits)).toEqual([
    ['c', '1', 102],
    ['d', '12345', 103],
    ['e', '123456789', 104],
  ])
})

test('where there is no room the application stops, or tells what is next', () => {
  const stops = new TopologyTestDriver(calm({ maxRecords: 1 }))
  send(stops, 'a', '1', 100)
  send(stops, 'a', '2', 100)
  stops.commit()
  stops.crash()
  expect(() => send(stops, 'b', '1', 101)).toThrow('SUPPRESS_BUFFER_FULL')
  const emits = new TopologyTestDriver(calm({ maxRecords: 1, whenFull: 'emit' }))
  send(emits, 'a', '1', 100)
  send(emits, 'b', '1', 101)
  send(emits, 'c', '1', 99)
  expect(told(emits)).toEqual([
    ['a', '1', 100],
    ['c', '1', 99],
  ])
})

test('windows that are mapped are told when they close', () => {
  const built = topology('test', (t) => {
    t.stream('in', { value: string, watermark: monotonous() })
      .groupByKey()
      .windowedBy(tumbling(10), { grace: 5 })
      .count('counts')
      .mapValues((count) => `${count} times`)
      .suppress('finals', untilWindowCloses(), { value: string })
      .to('out')
  })
  expect(describe(built)).toContain('store finals; tells each window when it has closed')
  const driver = new TopologyTestDriver(built)
  send(driver, 'a', '', 100)
  send(driver, 'a', '', 109)
  driver.advanceWatermark(113)
  expect(told(driver)).toEqual([])
  driver.advanceWatermark(114)
  expect(told(driver)).toEqual([[{ key: 'a', start: 100, end: 110 }, '2 times', 109]])
})

test.each([
  ['a table without windows has none that close', untilWindowCloses(), {}, 'table "rows" has none'],
  ['a limit is not an object', JSON.parse('{}'), {}, "untilTimeLimit('10s') or"],
  ['room is for one byte at least', untilTimeLimit(1), { maxBytes: 0 }, 'write bytes from 1'],
  ['room is for one key at least', untilTimeLimit(1), { maxRecords: 0 }, 'an integer ≥ 1'],
])('%s', (_, suppression, options, words) => {
  const build = () =>
    topology('test', (t) => {
      t.stream('in', { watermark: monotonous() })
        .toTable('rows')
        .suppress('s', suppression, options)
    })
  expect(build).toThrow('INVALID_ARGUMENT')
  expect(build).toThrow(words)
})
