import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import ordersAndPayments from '../../../topologies/orders-and-payments.ts'

const minute = 60_000
const hour = 60 * minute

test('tells of each order and payment once what became of it, through a crash', () => {
  const driver = new TopologyTestDriver(ordersAndPayments)
  const order = (id: string, timestamp: number) =>
    driver.input('orders').send({ key: id, value: { id, amount: 10 }, timestamp })
  const pay = (id: string, amount: number, timestamp: number) =>
    driver.input('payments').send({ key: id, value: { amount }, timestamp })

  order('a', hour)
  order('b', hour)
  pay('c', 10, hour)
  pay('a', 10, hour + minute)
  order('d', hour + 2 * minute)
  driver.commit()
  driver.crash()
  pay('d', 9, 2 * hour)
  pay('b', 10, 2 * hour + 1)
  driver.advanceWatermark(4 * hour)

  expect(driver.output('outcomes').readKeyValues()).toEqual([
    ['a', 'paid'],
    ['d', 'underpaid'],
    ['c', 'without an order'],
    ['b', 'unpaid'],
    ['b', 'without an order'],
  ])
})
