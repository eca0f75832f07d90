import { expect, test } from '@jest/globals'
import { boundedOutOfOrderness, string, topology } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

const copy = topology('copy', (t) => {
  t.stream('in', { value: string }).to('out')
})

const timed = topology('timed', (t) => {
  const options = {
    value: string,
    watermark: boundedOutOfOrderness('10ms'),
    idleAfter: '1s',
  } as const
  t.stream(['left', 'right'], options)
    .groupBy('by-value', (value) => value, { key: string })
    .count('counts')
})

test('a topic or store that the topology does not have is told with those that it has', () => {
  const driver = new TopologyTestDriver(copy)
  expect(() => driver.input('inn')).toThrow(/UNKNOWN_TOPIC: .* inn .* in$/)
  expect(() => driver.input('out')).toThrow('UNKNOWN_TOPIC')
  expect(() => driver.output('oout')).toThrow('UNKNOWN_TOPIC')
  expect(() => driver.store('counts')).toThrow('UNKNOWN_STORE')
  expect(() => new TopologyTestDriver(timed).store('count')).toThrow('UNKNOWN_STORE')
})

test('records are stamped by the wall clock where they say no time', () => {
  const driver = new TopologyTestDriver(copy, { now: 1000 })
  driver.input('in').send({ value: 'a' })
  driver.advanceWallClock('2s')
  driver.input('in').send({ value: 'b' }, { value: 'c', timestamp: 7 })
  const times = driver
    .output('out')
    .readAll()
    .map(({ timestamp }) => timestamp)
  expect(times).toEqual([1000, 3000, 7])
})

test('what was read before a crash and not committed is read again', () => {
  const driver = new TopologyTestDriver(copy)
  const values = () =>
    driver
      .output('out')
      .readAll()
      .map(({ value }) => value)
  driver.input('in').send({ value: 'a' })
  driver.commit()
  driver.input('in').send({ value: 'b' })
  expect(values()).toEqual(['a', 'b'])
  driver.crash()
  expect(values()).toEqual(['b'])
})

test('a watermark crosses repartition topics when it is committed', () => {
  const driver = new TopologyTestDriver(timed)
  driver.input('left').send({ value: 'a', timestamp: 100 })
  driver.input('right').send({ value: 'a', timestamp: 200 })
  expect(driver.watermark).toBeUndefined()
  driver.commit()
  expect(driver.watermark).toBe(89)
  driver.advanceWatermark(500)
  expect(driver.watermark).toBe(500)
})

test('an input that stays silent holds the watermark back until it is idle', () => {
  const driver = new TopologyTestDriver(timed)
  driver.input('left').send({ value: 'a', timestamp: 100 })
  driver.commit()
  expect(driver.watermark).toBeUndefined()
  driver.advanceWallClock('1s')
  driver.commit()
  expect(driver.watermark).toBe(89)
})

test('the error of an operator reaches whoever sends', () => {
  const failing = topology('failing', (t) => {
    t.stream('in', { value: string }).forEach(() => {
      throw new Error('no')
    })
  })
  const driver = new TopologyTestDriver(failing)
  expect(() => driver.input('in').send({ value: 'a' })).toThrow('USER_FUNCTION_FAILED')
})
