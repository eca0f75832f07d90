import { int32, int64, string, topology } from '../../../src/index.ts'
import { expectSame, lastValues, recordsOf, type Scenario } from '../scenario.ts'

const orders = 40

/** Two repartitions, one behind the other: the second counts each change of the first. */
export const stages: Scenario = {
  name: 'stages',
  make: () => ({
    topology: topology('stages', (t) => {
      const first = t
        .stream('orders', { key: string, value: int64 })
        .groupBy('by-order', (value) => value % orders, { key: int32 })
        .count('per-order')
      first
        .toStream()
        .groupBy('by-ten', (_count, order) => order % 10, { key: int32 })
        .count('per-ten')
        .to('tens')
      first.to('orders-counted', { key: int32 })
    }),
    inputs: {
      orders: (random) => ({ key: 'x', value: Math.floor(random() * 1e6) }),
    },
    verify: ({ inputs, outputs }) => {
      const perOrder = new Map<string, number>()
      const perTen = new Map<string, number>()
      for (const { value } of recordsOf(inputs, 'orders')) {
        const order = Number(value) % orders
        const ten = String(order % 10)
        perOrder.set(String(order), (perOrder.get(String(order)) ?? 0) + 1)
        perTen.set(ten, (perTen.get(ten) ?? 0) + 1)
      }
      expectSame('orders', lastValues(recordsOf(outputs, 'orders-counted')), perOrder)
      expectSame('tens', lastValues(recordsOf(outputs, 'tens')), perTen)
      const written = recordsOf(inputs, 'orders').length
      expectSame('changes', recordsOf(outputs, 'tens').length, written)
    },
  }),
}
