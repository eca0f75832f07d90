import { bytes, type Stream, topology } from 'millrace'
import { run } from './run.ts'

const depth = Number(process.env['BENCH_DEPTH'] ?? 1)

/** Map operators in a row, each of which gives back what it got. */
export default topology(run.application, { key: bytes, value: bytes }, (t) => {
  let stream: Stream<Uint8Array, Uint8Array> = t.stream(run.events)
  for (let i = 0; i < depth; i++) stream = stream.mapValues((value) => value)
  stream.to(run.output)
})
