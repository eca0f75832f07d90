import { bytes, topology } from 'millrace'
import { run } from './run.ts'

/** Counts per key with a changelog, the last count of each key and commit out. */
export default topology(run.application, { key: bytes, value: bytes }, (t) => {
  t.stream(run.events).groupByKey().count('counts', { emit: 'commit' }).to(run.output)
})
