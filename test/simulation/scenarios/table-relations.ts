import { int64, json, string, topology } from '../../../src/index.ts'
import { expectSame, lastValues, pick, recordsOf, type Scenario } from '../scenario.ts'

const customers = ['ann', 'bob', 'cid', 'dot', 'eve'] as const

interface Order {
  readonly customer: string
  readonly amount: number
}

interface Named {
  readonly amount: number
  readonly city: string | null
}

/** Tables from tables: joined by foreign and by own keys, grouped anew with retractions. */
export const tableRelations: Scenario = {
  name: 'table-relations',
  make: () => ({
    topology: topology('table-relations', (t) => {
      const orders = t.table('orders', { key: string, value: json<Order>() })
      const cities = t.table('cities', { key: string, value: string })
      const ages = t.table('ages', { key: string, value: int64 })
      orders
        .leftJoin('named', cities, {
          foreignKey: ({ customer }) => customer,
          joiner: ({ amount }, city): Named => ({ amount, city }),
          value: json<Named>(),
        })
        .to('named-orders', { value: json<Named>() })
      cities.join('people', ages, (city, age) => `${city}/${age}`).to('people', { value: string })
      orders
        .groupBy('by-customer', ({ customer, amount }) => [customer, amount], {
          key: string,
          value: int64,
        })
        .aggregate('spent', {
          init: () => 0,
          add: (sum, amount) => sum + amount,
          subtract: (sum, amount) => sum - amount,
          value: int64,
        })
        .to('spent')
    }),
    inputs: {
      orders: (random) => ({
        key: `o${Math.floor(random() * 12)}`,
        value:
          random() < 0.2
            ? null
            : { customer: pick(random, customers), amount: Math.floor(random() * 1_000) },
      }),
      cities: (random) => ({
        key: pick(random, customers),
        value: random() < 0.2 ? null : `city-${Math.floor(random() * 1e6)}`,
      }),
      ages: (random) => ({
        key: pick(random, customers),
        value: random() < 0.2 ? null : Math.floor(random() * 99),
      }),
    },
    verify: ({ inputs, outputs }) => {
      const orders = lastValues(recordsOf(inputs, 'orders'))
      const cities = lastValues(recordsOf(inputs, 'cities'))
      const ages = lastValues(recordsOf(inputs, 'ages'))
      const named = new Map<string, Named>()
      const spent = new Map<string, number>()
      for (const [key, value] of orders) {
        const { customer, amount } = value as Order
        const name = JSON.stringify(customer)
        named.set(key, { amount, city: (cities.get(name) ?? null) as string | null })
        spent.set(name, (spent.get(name) ?? 0) + amount)
      }
      expectSame('named orders', lastValues(recordsOf(outputs, 'named-orders')), named)
      const people = new Map<string, string>()
      for (const [name, city] of cities) {
        if (ages.has(name)) people.set(name, `${String(city)}/${String(ages.get(name))}`)
      }
      expectSame('people', lastValues(recordsOf(outputs, 'people')), people)
      // A customer whose last order went stays with nothing spent.
      const told = lastValues(recordsOf(outputs, 'spent'))
      const positive = new Map([...told].filter(([name, sum]) => spent.has(name) || sum !== 0))
      expectSame('spent', positive, spent)
    },
  }),
}
