import { bytes, topology } from 'millrace'
import { run } from './run.ts'

/** Counts per key with a changelog, each update out. */
export default topology(run.application, { key: bytes, value: bytes }, (t) => {
  t.stream(run.events).groupByKey().count('counts').to(run.output)
})
