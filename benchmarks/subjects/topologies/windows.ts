import { bytes, json, monotonous, string, topology, tumbling } from 'millrace'
import { type Event, run } from './run.ts'

/** Rekey through a repartition topic and count in tumbling windows, each update out. */
export default topology(run.application, { key: bytes, value: json<Event>() }, (t) => {
  t.stream(run.events, { value: json<Event>(), watermark: monotonous() })
    .groupBy('by-user', (event) => event.user, { key: string })
    .windowedBy(tumbling('10s'), { grace: '5s' })
    .count('windows')
    .to(run.output)
})
