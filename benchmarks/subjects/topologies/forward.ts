import { bytes, topology } from 'millrace'
import { run } from './run.ts'

/** Every record as it is: what the engine costs when nothing is read. */
export default topology(run.application, { key: bytes, value: bytes }, (t) => {
  t.stream(run.events).to(run.output)
})
