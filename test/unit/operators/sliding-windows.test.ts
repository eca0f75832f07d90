import { expect, test } from '@jest/globals'
import { json, monotonous, sliding, string, topology, type Windowed } from '../../../src/index.ts'
import type { WindowEmit } from '../../../src/operators/spec.ts'
import { describe } from '../../../src/plan/describe.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

const summed = (emit: WindowEmit) =>
  topology('test', (t) => {
    t.stream('in', { value: json<number>(), watermark: monotonous() })
      .groupByKey()
      .windowedBy(sliding(10), { emit, grace: 20 })
      .sum('sums', (value) => value)
      .toStream()
      .map((sum, { key, start, end }) => [key, `${start}-${end - 1} ${sum}`])
      .to('out', { key: string, value: string })
  })

const told = (driver: TopologyTestDriver) =>
  driver
    .output<string, string>('out')
    .readKeyValues()
    .map(([, value]) => value)

const send = (driver: TopologyTestDriver, value: number, timestamp: number) =>
  driver.input('in').send({ key: 'a', value, timestamp })

test('a window ends with each record, and one begins behind it where that has another', () => {
  const driver = new TopologyTestDriver(summed('update'))
  send(driver, 1, 100)
  expect(told(driver)).toEqual(['90-100 1'])
  send(driver, 2, 105)
  expect(told(driver)).toEqual(['101-111 2', '95-105 3'])
  driver.commit()
  driver.crash()
  told(driver)
  // Between the two, and behind the last one.
  send(driver, 4, 103)
  expect(told(driver)).toEqual(['95-105 7', '101-111 6', '93-103 5', '104-114 2'])
  send(driver, 8, 120)
  expect(told(driver)).toEqual(['110-120 8'])
  const starts = driver
    .store<Windowed<string>, number>('sums')
    .entries()
    .map(([{ start }, sum]) => [start, sum])
  expect(starts).toEqual([
    [90, 1],
    [93, 5],
    [95, 7],
    [101, 6],
    [104, 2],
    [110, 8],
  ])
})

test('final windows are told once, each when it closes; late records are counted in none', () => {
  const driver = new TopologyTestDriver(summed('final'))
  send(driver, 1, 100)
  send(driver, 2, 105)
  driver.advanceWatermark(119)
  expect(told(driver)).toEqual([])
  driver.advanceWatermark(125)
  expect(told(driver)).toEqual(['90-100 1', '95-105 3'])
  driver.crash()
  // Behind 90 nothing is open, behind 98 something is.
  send(driver, 4, 90)
  send(driver, 8, 98)
  driver.advanceWatermark(200)
  expect(told(driver)).toEqual(['99-109 3', '101-111 2'])
})

test('records that come without values are counted', () => {
  const driver = new TopologyTestDriver(
    topology('test', (t) => {
      t.stream('in', { value: json<number>(), watermark: monotonous() })
        .groupBy('by-parity', (value) => `${value % 2}`, { key: string })
        .windowedBy(sliding(10))
        .count('counts')
    }),
  )
  send(driver, 1, 100)
  send(driver, 3, 101)
  driver.commit()
  expect(driver.store('counts').get({ key: '1', start: 91, end: 102 })).toBe(2)
})

test('sliding windows are described', () => {
  expect(describe(summed('commit'))).toContain(
    'store sums; sliding 10ms, grace 20ms, emits last changes at commit',
  )
})
