import { expect, test } from '@jest/globals'
import { int64, monotonous, session, string, topology, tumbling } from '../../../src/index.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

interface Account {
  readonly orders: string[]
  paid: number
}

const accounts = topology('test', (t) => {
  const orders = t.stream('orders', { value: string, watermark: monotonous() }).groupByKey()
  const payments = t.stream('payments', { value: int64, watermark: monotonous() }).groupByKey()
  const both = orders
    .cogroup((account: Account, order) => ({ ...account, orders: [...account.orders, order] }))
    .cogroup(payments, (account, amount, key) => {
      account.paid += key === 'free' ? 0 : amount
      return account
    })
  const init = (): Account => ({ orders: [], paid: 0 })
  const merge = (a: Account, b: Account): Account => ({
    orders: [...a.orders, ...b.orders],
    paid: a.paid + b.paid,
  })
  both.aggregate('accounts', { init }).to('out')
  both.windowedBy(tumbling(10), { grace: 100 }).aggregate('windows', { init })
  both.windowedBy(session(10), { grace: 100 }).aggregate('sessions', { init, merge })
})

test('streams of one key are folded into one aggregate, each by its own function', () => {
  const driver = new TopologyTestDriver(accounts)
  driver.input('orders').send({ key: 'a', value: 'o1', timestamp: 100 })
  driver.input('payments').send({ key: 'a', value: 5, timestamp: 112 })
  driver.commit()
  driver.crash()
  driver.input('payments').send({ key: 'a', value: 7, timestamp: 105 }, { key: 'a' })
  driver.input('payments').send({ key: 'free', value: 7, timestamp: 105 })
  expect(driver.output('out').readKeyValues()).toEqual([
    ['a', { orders: ['o1'], paid: 0 }],
    ['a', { orders: ['o1'], paid: 5 }],
    ['a', { orders: ['o1'], paid: 12 }],
    ['free', { orders: [], paid: 0 }],
  ])
  expect(driver.store('windows').get({ key: 'a', start: 100, end: 110 })).toEqual({
    orders: ['o1'],
    paid: 7,
  })
  expect(driver.store('sessions').get({ key: 'a', start: 100, end: 112 })).toEqual({
    orders: ['o1'],
    paid: 12,
  })
})

test('cogrouped streams are partitioned alike, and have one store for each aggregate', () => {
  const [part] = planTopology(accounts).subTopologies
  expect(part?.coPartitioned).toEqual([['orders', 'payments']])
  expect(part?.stores.map(({ name }) => name)).toEqual(['accounts', 'windows', 'sessions'])
})

test('cogrouped streams with keys of different serdes are refused', () => {
  expect(() =>
    topology('test', (t) => {
      const left = t.stream('left').groupByKey()
      const right = t.stream('right', { key: int64 }).groupByKey()
      left
        .cogroup((sum: number) => sum + 1)
        // @ts-expect-error: the keys are of another type
        .cogroup(right, (sum) => sum + 1)
        .aggregate('sums', { init: () => 0 })
    }),
  ).toThrow('NOT_CO_PARTITIONED')
})
