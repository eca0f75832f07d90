import { expect, test } from '@jest/globals'
import { int32, json, string, topology } from '../../../src/index.ts'
import { describe } from '../../../src/plan/describe.ts'
import { explain } from '../../../src/plan/explain.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

const orders = (call: 'join' | 'leftJoin') =>
  driverOf((t) => {
    const products = t.globalTable('products', { key: int32, value: string })
    const stream = t.stream('orders', { value: json<{ of?: number | null }>() })
    const on = (order: { of?: number | null }) => order.of
    const named = (_: unknown, name: string | null, key: string) => `${key}: ${name ?? '-'}`
    const result =
      call === 'join'
        ? stream.join('named', products, { on, joiner: named })
        : stream.leftJoin('named', products, { on, joiner: named })
    result.to('out', { value: string })
  })

test('a record is joined with the row that it points to, as that is then', () => {
  const driver = orders('join')
  const input = driver.input('orders')
  const products = driver.input('products')
  input.send({ key: 'a', value: { of: 1 } })
  products.send({ key: 1, value: 'hammer' }, { key: 2, value: 'nail' })
  input.send({ key: 'b', value: { of: 1 } }, { key: 'c', value: { of: null } }, { key: 'd' })
  products.send({ key: 1, value: 'mallet' }, { key: 2 })
  input.send({ key: 'e', value: { of: 1 } }, { value: { of: 1 } }, { key: 'f', value: { of: 2 } })
  expect(driver.output('out').readKeyValues()).toEqual([
    ['b', 'b: hammer'],
    ['e', 'e: mallet'],
    [null, 'null: mallet'],
  ])
  expect(driver.store('products').entries()).toEqual([[1, 'mallet']])
})

test('a left join keeps records that point to nothing', () => {
  const driver = orders('leftJoin')
  driver.input('products').send({ key: 1, value: 'hammer' })
  driver.input('orders').send({ key: 'a', value: { of: 2 } }, { key: 'b', value: {} })
  driver.input('orders').send({ key: 'c' }, { key: 'd', value: { of: 1 } })
  expect(driver.output('out').readKeyValues()).toEqual([
    ['a', 'a: -'],
    ['b', 'b: -'],
    ['d', 'd: hammer'],
  ])
})

test('after a crash the table is what its topic has, committed or not', () => {
  const driver = orders('join')
  driver.input('products').send({ key: 1, value: 'hammer' })
  driver.input('orders').send({ key: 'a', value: { of: 1 } })
  driver.crash()
  driver.commit()
  expect(driver.output('out').readKeyValues()).toEqual([['a', 'a: hammer']])
})

test('no task reads the topic of a global table, and a join needs no partitions of it', () => {
  const plan = planTopology(
    topology('test', (t) => {
      const products = t.globalTable('products')
      t.stream('orders')
        .selectKey(() => 'x')
        .join('named', products, { on: (_, key) => key, joiner: (order) => order })
        .to('out')
    }),
  )
  expect(plan.globalTables.map(({ name }) => name)).toEqual(['products'])
  expect(plan.subTopologies.map(({ sourceTopics }) => sourceTopics)).toEqual([['orders']])
  expect(plan.internalTopics).toEqual([])
})

test('a global table of another topology, and an outer join with one, are refused', () => {
  let other: ReturnType<TopologyBuilder<string, unknown>['globalTable']> | undefined
  driverOf((t) => {
    other = t.globalTable('products')
    t.stream('in').to('out')
  })
  expect(() =>
    driverOf((t) => {
      const how = { on: () => 'x', joiner: () => 1 }
      if (other !== undefined) t.stream('in').join('named', other, how)
    }),
  ).toThrow(expect.objectContaining({ code: 'FOREIGN_STREAM' }))
})

test('global tables are drawn and explained', () => {
  const built = topology('test', (t) => {
    const products = t.globalTable('products', { name: 'catalogue', key: int32, value: string })
    t.stream('orders')
      .join('named', products, { on: () => 1, joiner: (order) => order })
      .to('out')
  })
  expect(describe(built)).toMatch(/named +global-join +from .*; looks up catalogue/)
  expect(describe(built)).toMatch(/Global tables\n +catalogue +reads products, on every worker/)
  expect(describe(built, 'mermaid')).toMatch(/-\. looked up \.->/)
  expect(explain(built)).toMatch(/store +catalogue +key int32 \(stated\) +value string \(stated\)/)
})
