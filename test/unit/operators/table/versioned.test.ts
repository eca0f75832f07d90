import { expect, test } from '@jest/globals'
import { int64, string, topology } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

const prices = () =>
  driverOf((t) => {
    const table = t.table('prices', { value: string, versioned: '100ms' })
    t.stream('orders', { value: string })
      .leftJoin(
        'priced',
        table.mapValues((price) => `<${price}>`),
        (order, price) => `${order} ${price ?? '-'}`,
      )
      .to('out', { value: string })
    table.filter((price) => price !== 'hidden').to('changes')
  })

const price = (driver: TopologyTestDriver, value: string | null, timestamp: number) =>
  driver.input('prices').send({ key: 'a', value, timestamp })
const ordered = (driver: TopologyTestDriver, timestamp: number) => {
  driver.input('orders').send({ key: 'a', value: `at ${timestamp}`, timestamp })
  return driver
    .output('out')
    .readKeyValues()
    .map(([, value]) => value)
}

test('a record meets the row that was there at its time, whenever either comes', () => {
  const driver = prices()
  expect(ordered(driver, 5)).toEqual(['at 5 -'])
  price(driver, 'ten', 10)
  price(driver, 'thirty', 30)
  price(driver, null, 50)
  expect(ordered(driver, 9)).toEqual(['at 9 -'])
  expect(ordered(driver, 10)).toEqual(['at 10 <ten>'])
  expect(ordered(driver, 29)).toEqual(['at 29 <ten>'])
  expect(ordered(driver, 49)).toEqual(['at 49 <thirty>'])
  expect(ordered(driver, 50)).toEqual(['at 50 -'])
  price(driver, 'twenty', 20)
  expect(ordered(driver, 29)).toEqual(['at 29 <twenty>'])
  expect(ordered(driver, 60)).toEqual(['at 60 -'])
})

test('what is older than the retention is not kept, but for the row as it is now', () => {
  const driver = prices()
  price(driver, 'old', 10)
  price(driver, 'new', 20)
  price(driver, 'newest', 200)
  price(driver, 'too late', 99)
  expect(ordered(driver, 99)).toEqual(['at 99 -'])
  expect(ordered(driver, 100)).toEqual(['at 100 <new>'])
  driver.input('prices').send({ key: 'b', value: 'x', timestamp: 1_000 })
  expect(ordered(driver, 500)).toEqual(['at 500 <newest>'])
  expect(ordered(driver, 150)).toEqual(['at 150 -'])
})

test('the history comes back after a crash, and so does the time that it has seen', () => {
  const driver = prices()
  price(driver, 'ten', 10)
  price(driver, 'thirty', 30)
  driver.input('prices').send({ value: 'without a key', timestamp: 150 })
  driver.commit()
  driver.crash()
  price(driver, 'too late', 49)
  expect(ordered(driver, 60)).toEqual(['at 60 <thirty>'])
  expect(ordered(driver, 49)).toEqual(['at 49 <thirty>'])
  expect(driver.store('prices').entries()).toEqual([
    [{ key: 'a', from: 10 }, { value: 'ten' }],
    [{ key: 'a', from: 30 }, { value: 'thirty' }],
  ])
})

test('streams and views get changes of the past, tables that follow the present do not', () => {
  const driver = driverOf((t) => {
    const table = t.table('prices', { value: int64, versioned: '100ms' })
    table.filter((n) => n > 0).to('changes')
    table
      .mapValues((n) => n * 10)
      .groupBy('by', (n) => ['all', n], { value: int64 })
      .reduce('sum', { add: (a, b) => a + b, subtract: (a, b) => a - b })
      .to('sums')
    table
      .join('both', t.table('others', { value: int64 }), (a, b) => a + b)
      .to('joined', {
        value: int64,
      })
  })
  driver.input('others').send({ key: 'a', value: 100, timestamp: 1 })
  const send = (value: number, timestamp: number) =>
    driver.input('prices').send({ key: 'a', value, timestamp })
  send(1, 10)
  send(2, 30)
  send(3, 20)
  send(4, 30)
  expect(
    driver
      .output('changes')
      .readKeyValues()
      .map(([, n]) => n),
  ).toEqual([1, 2, 3, 4])
  expect(
    driver
      .output('sums')
      .readKeyValues()
      .map(([, n]) => n),
  ).toEqual([10, 20, 40])
  expect(
    driver
      .output('joined')
      .readKeyValues()
      .map(([, n]) => n),
  ).toEqual([101, 102, 104])
})

test('a versioned table tells each update', () => {
  expect(() => driverOf((t) => t.table('in', { versioned: '1h', emit: 'commit' }))).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  )
})
