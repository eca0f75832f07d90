import { boundedOutOfOrderness, json, topology } from 'millrace'

interface Order {
  readonly id: string
  readonly amount: number
}
interface Payment {
  readonly amount: number
}
type Outcome = 'paid' | 'underpaid' | 'unpaid' | 'without an order'

/** What became of each order: paid within an hour, or told once as unpaid when the hour is over. */
export default topology('orders-and-payments', (t) => {
  const watermark = boundedOutOfOrderness('10s')
  const orders = t.stream('orders', { value: json<Order>(), watermark, idleAfter: '10s' })
  const payments = t.stream('payments', { value: json<Payment>(), watermark, idleAfter: '10s' })
  orders
    .outerJoin('settled', payments, outcomeOf, {
      within: { before: '1m', after: '1h' },
      grace: '30s',
    })
    .to('outcomes', { value: json<Outcome>() })
})

function outcomeOf(order: Order | null, payment: Payment | null): Outcome {
  if (order === null) return 'without an order'
  if (payment === null) return 'unpaid'
  return payment.amount >= order.amount ? 'paid' : 'underpaid'
}
