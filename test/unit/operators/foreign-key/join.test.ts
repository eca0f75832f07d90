import { expect, test } from '@jest/globals'
import { int32, json, string, topology } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

interface Order {
  readonly customer: number | null
  readonly total: number
}
const orderOf = (customer: number | null, total = 1): Order => ({ customer, total })

const orders = (call: 'join' | 'leftJoin') =>
  driverOf((t) => {
    const left = t.table('orders', { value: json<Order>() })
    const customers = t.table('customers', { key: int32, value: string })
    const how = {
      foreignKey: (order: Order) => order.customer,
      joiner: (order: Order, name: string | null, key: string) =>
        `${key}: ${order.total} by ${name ?? 'nobody'}`,
      value: string,
    }
    const result =
      call === 'join' ? left.join('named', customers, how) : left.leftJoin('named', customers, how)
    result.to('out')
  })

/** Each change alone: what reaches the output by the end of its epoch. */
function play(driver: TopologyTestDriver) {
  const told: unknown[] = []
  const send = (topic: string, key: unknown, value: unknown) => {
    driver.input(topic).send({ key, value })
    driver.commit()
    told.push(
      driver
        .output('out')
        .readKeyValues()
        .map(([, row]) => row),
    )
  }
  send('orders', 'a', orderOf(7))
  send('customers', 7, 'Ann')
  send('orders', 'a', orderOf(7, 2))
  send('customers', 7, 'Anna')
  send('orders', 'a', orderOf(8, 2))
  send('customers', 8, 'Bob')
  send('customers', 8, null)
  send('orders', 'a', orderOf(null, 3))
  send('orders', 'a', orderOf(7, 3))
  send('orders', 'a', null)
  send('customers', 7, 'gone')
  return told
}

test('an inner join has the rows whose other row is there', () => {
  expect(play(orders('join'))).toEqual([
    [],
    ['a: 1 by Ann'],
    ['a: 2 by Ann'],
    ['a: 2 by Anna'],
    [null],
    ['a: 2 by Bob'],
    [null],
    [],
    ['a: 3 by Anna'],
    [null],
    [],
  ])
})

test('a left join has all rows, those that point to nothing too', () => {
  expect(play(orders('leftJoin'))).toEqual([
    ['a: 1 by nobody'],
    ['a: 1 by Ann'],
    ['a: 2 by Ann'],
    ['a: 2 by Anna'],
    ['a: 2 by nobody'],
    ['a: 2 by Bob'],
    ['a: 2 by nobody'],
    ['a: 3 by nobody'],
    ['a: 3 by Anna'],
    [null],
    [],
  ])
})

test('a change of a row reaches all that point to it, and no others', () => {
  const driver = orders('join')
  driver.input('orders').send({ key: 'a', value: orderOf(1) }, { key: 'b', value: orderOf(1) })
  driver.input('orders').send({ key: 'c', value: orderOf(256) }, { key: 'd', value: orderOf(2) })
  driver.input('customers').send({ key: 1, value: 'Ann' }, { key: 256, value: 'Bob' })
  driver.commit()
  driver.output('out').readAll()
  driver.input('customers').send({ key: 1, value: 'Anna' })
  driver.commit()
  expect(driver.output('out').readKeyValues()).toEqual([
    ['a', 'a: 1 by Anna'],
    ['b', 'b: 1 by Anna'],
  ])
  expect(driver.store('named').entries()).toEqual([
    ['a', 'a: 1 by Anna'],
    ['b', 'b: 1 by Anna'],
    ['c', 'c: 1 by Bob'],
  ])
})

test('a row has the later time of the two', () => {
  const driver = orders('join')
  driver.input('customers').send({ key: 1, value: 'Ann', timestamp: 50 })
  driver.input('orders').send({ key: 'a', value: orderOf(1), timestamp: 10 })
  driver.input('orders').send({ key: 'a', value: orderOf(1, 2), timestamp: 60 })
  expect(driver.output('out').readAll()).toMatchObject([{ timestamp: 50 }, { timestamp: 60 }])
})

test('a table can point to itself, and the result be joined again', () => {
  const driver = driverOf((t) => {
    const staff = t.table('staff', { value: json<{ name: string; boss?: string }>() })
    staff
      .leftJoin('with-boss', staff, {
        foreignKey: ({ boss }) => boss,
        joiner: ({ name }, boss) => `${name} under ${boss?.name ?? 'nobody'}`,
        value: string,
      })
      .join('again', t.table('cities', { value: string }), (text, city) => `${text} in ${city}`)
      .to('out', { value: string })
  })
  driver.input('cities').send({ key: 'b', value: 'Oslo' })
  const input = driver.input('staff')
  input.send({ key: 'a', value: { name: 'Ann' } }, { key: 'b', value: { name: 'Bob', boss: 'a' } })
  driver.commit()
  input.send({ key: 'a', value: { name: 'Anna' } })
  driver.crash()
  driver.commit()
  expect(driver.store('with-boss').entries()).toEqual([
    ['a', 'Anna under nobody'],
    ['b', 'Bob under Anna'],
  ])
  expect(driver.output('out').readKeyValues()).toEqual([
    ['b', 'Bob under Ann in Oslo'],
    ['b', 'Bob under Anna in Oslo'],
  ])
})
