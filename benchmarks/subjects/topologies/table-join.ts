import { bytes, json, topology } from 'millrace'
import { type Event, run } from './run.ts'

interface Customer {
  readonly name: string
  readonly tier: number
}

/** Each event with its row of a table, JSON on both sides. */
export default topology(run.application, { key: bytes, value: json<Event>() }, (t) => {
  const customers = t.table(run.table, { value: json<Customer>() })
  t.stream(run.events, { value: json<Event>() })
    .join('priced', customers, ({ id, amount }, { tier }) => ({ id, amount, tier }))
    .to(run.output)
})
