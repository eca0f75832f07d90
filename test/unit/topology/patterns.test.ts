import { expect, test } from '@jest/globals'
import { json, string, topology } from '../../../src/index.ts'
import { describe } from '../../../src/plan/describe.ts'
import { explain } from '../../../src/plan/explain.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import { withTopics } from '../../../src/topology/patterns.ts'

const made = topology('shops', (t) => {
  const products = t.table('orders-products', { value: json() })
  t.stream(/^orders-/, { value: string })
    .groupByKey()
    .count('orders')
    .join('known', products, (count) => count)
    .to('counts')
})

const topicsOf = (existing: readonly string[]) =>
  planTopology(withTopics(made, existing)).subTopologies[0]?.sourceTopics

test('a pattern reads the topics that it matches, but for those that are read by name', () => {
  expect(topicsOf(['orders-b', 'payments', 'orders-products', 'orders-a'])).toEqual([
    'orders-a',
    'orders-b',
    'orders-products',
  ])
})

test('topics of the application and of the brokers are not read by a pattern', () => {
  const all = withTopics(
    topology('shops', (t) => t.stream(/./, { value: string }).to('out')),
    ['shops-x-changelog', 'shops-x-repartition', '__consumer_offsets', 'shops-x', 'in'],
  )
  expect(planTopology(all).subTopologies[0]?.sourceTopics).toEqual(['in', 'shops-x'])
})

test('the fingerprint is that of the pattern, whatever topics a worker knows of', () => {
  const few = planTopology(withTopics(made, ['orders-a']))
  const many = planTopology(withTopics(made, ['orders-a', 'orders-b']))
  expect(many.fingerprint).toBe(few.fingerprint)
  expect(planTopology(made).fingerprint).toBe(few.fingerprint)
  const by = (pattern: RegExp) =>
    planTopology(topology('t', (t) => t.stream(pattern).repartition('again').to('out')))
  expect(by(/^a/).fingerprint).not.toBe(by(/^b/).fingerprint)
})

test('a topic that two patterns match is refused', () => {
  const both = topology('both', (t) => {
    t.stream(/^a/).to('out')
    t.stream(/b$/).to('out')
  })
  expect(() => withTopics(both, ['a', 'b'])).not.toThrow()
  expect(() => withTopics(both, ['ab'])).toThrow(
    'DUPLICATE_SOURCE: the topic "ab" is matched by /^a/ and by /b$/',
  )
  expect(() => topology('twice', (t) => [t.stream(/a/), t.stream(/a/)])).toThrow('DUPLICATE_SOURCE')
})

test('drawings show the pattern, and an explanation the topics that are known, too', () => {
  expect(describe(made)).toContain('reads /^orders-/')
  expect(explain(withTopics(made, ['orders-a']))).toContain('/^orders-/, orders-a')
})

test('a test driver has the topics that it is told of', () => {
  const counted = topology('counted', (t) => {
    t.stream(/^orders-/, { value: string })
      .groupByKey()
      .count('orders')
      .to('counts')
  })
  const driver = new TopologyTestDriver(counted, { topics: ['orders-a', 'orders-b', 'others'] })
  driver.input('orders-a').send({ key: 'k', value: '1' })
  driver.input('orders-b').send({ key: 'k', value: '2' })
  expect(driver.output('counts').readKeyValues()).toEqual([
    ['k', 1],
    ['k', 2],
  ])
  expect(() => driver.input('others')).toThrow('UNKNOWN_TOPIC')
})
