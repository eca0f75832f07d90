/** What a worker holds in memory of input is bounded by its options. */
import type { Settings } from '../../config/option-table.ts'
import type { Finding } from './checks.ts'
import type { SimulatedWorker } from './simulated-worker.ts'

/** Of a single batch, which is taken whole. */
const batchBytesMost = 65_536
/** Records between two looks at how many there are. */
const chunk = 256

export function checkLimits(
  { name, worker }: SimulatedWorker,
  { queueBytesMax, fetchPartitionBytesMax, epochRecordsMax }: Settings,
): readonly Finding[] {
  if (worker === undefined) return []
  const { tasks, openRecords } = worker.view()
  const queued = Math.max(0, ...tasks.flatMap(({ inputs }) => inputs.map((one) => one.queuedBytes)))
  const most = queueBytesMax + Math.max(fetchPartitionBytesMax, batchBytesMost)
  const wrong = [
    queued > most ? `${name} has queued ${queued} bytes of one input` : '',
    openRecords > epochRecordsMax + chunk ? `${name} has ${openRecords} records in one epoch` : '',
  ]
  return wrong
    .filter((message) => message !== '')
    .map((message) => ({ check: 'limits-hold', message }))
}
