import { bytes, json, topology } from 'millrace'
import { type Event, run } from './run.ts'

/** Parses, keeps nine in ten, changes a field, writes. */
export default topology(run.application, { key: bytes, value: json<Event>() }, (t) => {
  t.stream(run.events, { value: json<Event>() })
    .filter((event) => event.amount >= 1_000)
    .mapValues((event) => ({ ...event, amount: event.amount * 2 }))
    .to(run.output)
})
