import { bytes, string, topology, valueState } from 'millrace'
import { keyText } from '../../load/keys.ts'
import { run } from './run.ts'

const attributesOfConsumer = 5
const recordsOfEvent = 10

/** Records to the consumers that want them, which fold them and tell 32 bytes of each ten. */
export default topology(run.application, { key: bytes, value: bytes }, (t) => {
  t.stream(run.records)
    .filter((record) => attributeOf(record) % attributesOfConsumer === 0)
    .groupBy('by-consumer', (record) => keyText(attributeOf(record) / attributesOfConsumer), {
      key: string,
    })
    .process('consumers', {
      out: bytes,
      state: { folded: valueState(bytes) },
      onRecord(ctx, record) {
        const { folded } = ctx.state
        const state = fold(folded.get(), record, ctx.timestamp)
        if (state.getFloat64(0) < recordsOfEvent) {
          folded.set(new Uint8Array(state.buffer))
          return
        }
        folded.clear()
        ctx.emit(new Uint8Array(state.buffer))
      },
    })
    .to(run.output)
})

function attributeOf(record: Uint8Array): number {
  return viewOf(record).getUint32(0)
}

/** Count, sum, first and last time as doubles. */
function fold(before: Uint8Array | undefined, record: Uint8Array, timestamp: number): DataView {
  const old = before && viewOf(before)
  const state = new DataView(new ArrayBuffer(32))
  state.setFloat64(0, (old?.getFloat64(0) ?? 0) + 1)
  state.setFloat64(8, (old?.getFloat64(8) ?? 0) + viewOf(record).getUint32(4))
  state.setFloat64(16, old?.getFloat64(16) ?? timestamp)
  state.setFloat64(24, timestamp)
  return state
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
