/**
 * Throughput of the pure pipeline in this process, without a broker: decode a batch, run it through
 * a task, encode what it writes. `npm run bench:pipeline -- [case [records]]`; `node` with
 * `--cpu-prof` for where the time goes.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { epoch, partitionName } from '../src/model/ids.ts'
import type { Output, OutputPartition } from '../src/model/output.ts'
import type { Header } from '../src/model/record.ts'
import {
  assignOffsets,
  decodeBatch,
  readBatchHeaders,
  RecordBatchBuilder,
} from '../src/kafka/protocol/record-batch/index.ts'
import { planTopology } from '../src/plan/plan-topology.ts'
import type { Plan } from '../src/plan/plan.ts'
import { createTask, type RunningTask } from '../src/task/create-task.ts'
import { topologies } from './pipeline-topologies.ts'

const batchRecords = 500
const epochRecords = 100_000
const keys = 100_000
const distinctBatches = 800

/** Encodes into batches as the producer does, and throws full ones away. */
class EncodingPartition implements OutputPartition {
  readonly #builder = new RecordBatchBuilder(1 << 20)
  bytes = 0

  append(
    timestamp: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: readonly Header[],
  ): void {
    const builder = this.#builder
    if (builder.append(timestamp, key, keyStart, keyEnd, value, valueStart, valueEnd, headers)) {
      return
    }
    this.bytes += builder.finish({ producerId: 1, producerEpoch: 0, baseSequence: 0 }).length
    builder.reset()
    builder.append(timestamp, key, keyStart, keyEnd, value, valueStart, valueEnd, headers)
  }
}

class EncodingOutput implements Output {
  readonly #partitions = new Map<string, EncodingPartition>()

  partitionsOf(): number {
    return 4
  }

  open(topic: string, partition: number): OutputPartition {
    const name = partitionName({ topic, partition })
    const open = this.#partitions.get(name) ?? new EncodingPartition()
    this.#partitions.set(name, open)
    return open
  }
}

/** Batches of 8-byte keys, uniform over `keys`, and JSON values of about 100 bytes. */
function inputBatches(): readonly Uint8Array[] {
  let seed = 1
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed % below
  }
  const encoder = new TextEncoder()
  return Array.from({ length: distinctBatches }, (_, at) => {
    const builder = new RecordBatchBuilder(1 << 20)
    for (let index = 0; index < batchRecords; index += 1) {
      const key = encoder.encode(`k${String(random(keys)).padStart(7, '0')}`)
      const text = { id: random(1e9), amount: random(1000), text: 'x'.repeat(60) }
      const value = encoder.encode(JSON.stringify(text))
      const time = 1_700_000_000_000 + at * batchRecords + index
      builder.append(time, key, 0, key.length, value, 0, value.length, [])
    }
    const bytes = builder.finish({}).slice()
    assignOffsets(bytes, at * batchRecords, 0)
    return bytes
  })
}

let collectingMs = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectingMs += duration
}).observe({ entryTypes: ['gc'] })

async function run(
  name: string,
  plan: Plan,
  batches: readonly Uint8Array[],
  records: number,
): Promise<void> {
  const [subTopology] = plan.subTopologies
  if (subTopology === undefined) return
  const task = createTask({ plan, subTopology, partition: 0, output: new EncodingOutput() })
  const input = task.inputs.find(({ topic }) => topic === 'input')
  if (input === undefined) return
  task.restoreNeeds([])
  task.start(
    task.inputs.map((one) => ({ ...one, offset: 0, leaderEpoch: 0, metadata: '' })),
    0,
  )
  fillTable(task, batches)
  let done = 0
  let epochs = 1
  const cpuBegun = process.threadCpuUsage()
  const gcBegun = collectingMs
  const begun = process.hrtime.bigint()
  let shiftMs = 0
  for (let at = 0; done < records; at = (at + 1) % batches.length) {
    const bytes = batches[at] ?? new Uint8Array(0)
    for (const header of readBatchHeaders(bytes)) {
      const batch = decodeBatch(bytes, header, (_, packed) => packed)
      // The same batches come again, later.
      for (let index = 0; index < batch.count; index += 1) {
        batch.timestamps[index] = (batch.timestamps[index] ?? 0) + shiftMs
      }
      task.offer(input, [batch], batch.lastOffset + 1, 0)
    }
    done += task.process(batchRecords, 0)
    if (at === batches.length - 1) shiftMs += batches.length * batchRecords
    if (done % epochRecords === 0) {
      epochs += 1
      task.cut(epoch(epochs))
      task.committed(epoch(epochs), new Map())
    }
  }
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  // On a busy machine only processor time can be compared: this thread's, for others may run too.
  const cpu = process.threadCpuUsage(cpuBegun)
  const cpuSeconds = (cpu.user + cpu.system) / done
  // Collections are told some turns of the event loop later.
  await new Promise((resolve) => setTimeout(resolve, 100))
  const gcPercent = (collectingMs - gcBegun) / 10 / seconds
  const line = [
    `${(done / seconds / 1e6).toFixed(2)} M records/s`,
    `${cpuSeconds.toFixed(2)} CPU seconds per million`,
    `${gcPercent.toFixed(1)} % collecting garbage`,
  ].join(', ')
  process.stdout.write(`${name.padEnd(32)} ${line}\n`)
}

/** A topology with a table gets its rows before the first record. */
function fillTable(task: RunningTask, batches: readonly Uint8Array[]): void {
  const table = task.inputs.find(({ topic }) => topic === 'table')
  if (table === undefined) return
  for (const bytes of batches) {
    for (const header of readBatchHeaders(bytes)) {
      const batch = decodeBatch(bytes, header, (_, packed) => packed)
      batch.timestamps.fill(0)
      task.offer(table, [batch], batch.lastOffset + 1, 0)
    }
  }
  const input = task.inputs.find(({ topic }) => topic === 'input')
  task.seeEnd(table, batches.length * batchRecords)
  if (input !== undefined) task.seeEnd(input, 0)
  task.process(Number.MAX_SAFE_INTEGER, 0)
  task.cut(epoch(1))
  task.committed(epoch(1), new Map())
}

const batches = inputBatches()
const [wanted, records] = process.argv.slice(2)
for (const [name, topology] of Object.entries(topologies)) {
  if (wanted !== undefined && wanted !== name) continue
  const plan = planTopology(topology)
  await run(`${name} (warm-up)`, plan, batches, 1_000_000)
  await run(name, plan, batches, Number(records ?? (name === 'jsonFilter' ? 2_000_000 : 6_000_000)))
}
