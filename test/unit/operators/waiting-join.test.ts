import { expect, test } from '@jest/globals'
import { monotonous, string, topology } from '../../../src/index.ts'
import { explain } from '../../../src/plan/explain.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

const priced = topology('priced', (t) => {
  const prices = t.table('prices', { value: string, versioned: '1h' })
  t.stream('orders', { value: string, watermark: monotonous() })
    .leftJoin('priced', prices, (order, price) => `${order} ${price ?? '-'}`, { grace: '5s' })
    .to('out', { value: string })
})

function joined() {
  const driver = new TopologyTestDriver(priced)
  const order = (key: string | null, value: string | null, timestamp: number) =>
    driver.input('orders').send({ key, value, timestamp })
  const price = (value: string, timestamp: number) =>
    driver.input('prices').send({ key: 'a', value, timestamp })
  return { driver, order, price, out: () => driver.output('out').readAll() }
}

test('a record waits for the watermark and finds a row that came later, at its own time', () => {
  const { order, price, out } = joined()
  order('a', 'early', 1_000)
  price('five', 500)
  order('a', 'late', 6_000)
  expect(out()).toEqual([])
  order('b', 'next', 6_001)
  expect(out()).toMatchObject([{ key: 'a', value: 'early five', timestamp: 1_000 }])
})

test('a record that comes when it would have gone on goes on at once', () => {
  const { order, out } = joined()
  order('b', 'next', 6_001)
  order('a', 'too late to wait', 1_000)
  expect(out()).toMatchObject([{ value: 'too late to wait -' }])
})

test('nothing waits for a record without a key, and one without a value is left out', () => {
  const { order, out } = joined()
  order(null, 'keyless', 1_000)
  order('a', null, 1_000)
  expect(out()).toMatchObject([{ key: null, value: 'keyless -' }])
})

test('what waits survives a crash, and goes on once', () => {
  const { driver, order, price, out } = joined()
  order('a', 'one', 1_000)
  driver.commit()
  driver.crash()
  price('five', 900)
  order('b', 'next', 6_001)
  driver.commit()
  driver.crash()
  order('b', 'last', 20_000)
  expect(out().map(({ value }) => value)).toEqual(['one five', 'next -'])
})

test('the plan tells what waits and where', () => {
  expect(explain(priced)).toContain('waits until 5s have passed')
  expect(planTopology(priced).internalTopics.map(({ name }) => name)).toContain(
    'priced-priced-changelog',
  )
})

test('records wait only for tables that know what their rows were, for long enough', () => {
  const plan = (versioned: '1s' | undefined) => () =>
    planTopology(
      topology('refused', (t) => {
        const prices = t.table('prices', { value: string, ...(versioned && { versioned }) })
        t.stream('orders', { value: string, watermark: monotonous() }).join(
          'priced',
          prices.filter((price) => price !== ''),
          (order) => order,
          { grace: '5s' },
        )
      }),
    )
  expect(plan(undefined)).toThrow('TABLE_NOT_VERSIONED')
  expect(plan('1s')).toThrow('waits 5000 ms for a table that knows what its rows were for 1000 ms')
})

test('a stream without a watermark cannot wait, and what does not wait is not kept', () => {
  const made = (watermark: boolean, options: object) => () =>
    topology('refused', (t) => {
      const prices = t.table('prices', { value: string, versioned: '1h' })
      t.stream('orders', { value: string, ...(watermark && { watermark: monotonous() }) }).join(
        'priced',
        prices,
        (order) => order,
        options,
      )
    })
  expect(made(false, { grace: '5s' })).toThrow('NO_EVENT_TIME')
  expect(made(true, { value: string })).toThrow(
    'give it a grace, or leave out value, backend and changelog',
  )
  expect(made(true, { grace: '1ms', changelog: { a: 1 } })).toThrow('write the value as a string')
  expect(made(true, { grace: 0.5 })).toThrow('write whole ones')
})
