import { int64, json, monotonous, string, topology } from '../../../src/index.ts'
import type { SimulatedRecord } from '../../../src/testing/index.ts'
import { byKey, expectSame, pick, reachedIn, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['k0', 'k1', 'k2', 'k3', 'k4'] as const
const withinMs = 700
const graceMs = 2_000

interface Pair {
  readonly order: number
  readonly payment: number | null
}

function pairsOf(orders: readonly SimulatedRecord[], payments: readonly SimulatedRecord[]) {
  return orders.flatMap((order) =>
    payments
      .filter(({ timestamp }) => Math.abs(timestamp - order.timestamp) <= withinMs)
      .map(({ value }): Pair => ({ order: Number(order.value), payment: Number(value) })),
  )
}

function named(pairs: readonly Pair[]): readonly string[] {
  return pairs.map(({ order, payment }) => `${order}/${payment}`).toSorted()
}

/** Every pair that is near enough once; an order without a payment once, when it is too late. */
export const streamJoins: Scenario = {
  name: 'stream-joins',
  make: (random) => {
    const left = random() < 0.5
    return {
      topology: topology('stream-joins', (t) => {
        const read = { key: string, value: int64, watermark: monotonous() }
        const orders = t.stream('orders', read)
        const payments = t.stream('payments', read)
        const within = { within: withinMs, grace: graceMs }
        const joined = left
          ? orders.leftJoin(
              'paid',
              payments,
              (order, payment): Pair => ({ order, payment }),
              within,
            )
          : orders.join('paid', payments, (order, payment): Pair => ({ order, payment }), within)
        joined.to('pairs', { value: json<Pair>() })
      }),
      inputs: {
        orders: (random, nowMs) => ({
          key: pick(random, keys),
          value: Math.floor(random() * 1e9),
          timestamp: nowMs,
        }),
        payments: (random, nowMs) => ({
          key: pick(random, keys),
          value: Math.floor(random() * 1e9),
          timestamp: nowMs,
        }),
      },
      verify: ({ inputs, outputs }) => {
        const payments = byKey(recordsOf(inputs, 'payments'))
        const found = byKey(recordsOf(outputs, 'pairs'))
        for (const [key, orders] of byKey(recordsOf(inputs, 'orders'))) {
          const expected = pairsOf(orders, payments.get(key) ?? [])
          const pairs = (found.get(key) ?? []).map(({ value }) => value as Pair)
          const matched = pairs.filter(({ payment }) => payment !== null)
          expectSame(`pairs of ${key}`, named(matched), named(expected))
          const alone = pairs.filter(({ payment }) => payment === null).map(({ order }) => order)
          expectSame(`orders of ${key} told alone`, alone, [...new Set(alone)])
          const paid = new Set(expected.map(({ order }) => order))
          const wrong = alone.find((order) => paid.has(order))
          if (wrong !== undefined) throw new Error(`order ${wrong} of ${key} was paid`)
          const partitions = orders.slice(0, 1).map(({ partition }) => partition)
          const reached = Math.min(
            reachedIn(recordsOf(inputs, 'orders'), partitions),
            reachedIn(recordsOf(inputs, 'payments'), partitions),
          )
          const told = new Set([...paid, ...alone])
          const missing = orders.find(({ timestamp, value }) => {
            const closed = timestamp + withinMs + graceMs + 2 < reached
            return left && closed && !told.has(Number(value))
          })
          if (missing === undefined) continue
          throw new Error(`order ${String(missing.value)} of ${key} was never told`)
        }
      },
    }
  },
}
