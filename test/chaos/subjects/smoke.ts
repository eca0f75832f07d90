import { smoke, verifySmoke } from '../../../cluster/verify/smoke.ts'
import { partitions } from '../../../demo/load.ts'
import { randomNumbers } from '../plan.ts'
import type { Batches } from '../steady-writer.ts'
import type { ChaosSubject } from './subject.ts'

const keys = 40
const dayMs = 86_400_000

/** Event time begins two days ago, at the beginning of a day: no run comes to the end of it. */
const originMs = Math.floor(Date.now() / dayMs) * dayMs - 2 * dayMs
const startedMs = Date.now()
const eventTime = () => originMs + (Date.now() - startedMs)

/** Kafka Streams' SmokeTest by its strict rules: aggregations, windows, final results, tables. */
export const smokeTest: ChaosSubject = {
  application: smoke.application,
  topology: 'test/chaos/topologies/smoke-test.ts',
  topics: [smoke.input, ...smoke.outputs].map((topic) => ({ topic, numPartitions: partitions })),
  worked: smoke.worked,
  recordsPerSecond: 300,
  load: randomData,
  last: flush,
  verify: verifySmoke,
}

function randomData(seed: number): Batches {
  const random = randomNumbers(seed)
  return (count) => {
    const timestamp = `${eventTime()}`
    const messages = Array.from({ length: count }, () => {
      const value = Buffer.alloc(4)
      value.writeInt32BE(Math.floor(random() * 10_000))
      return { key: `k${Math.floor(random() * keys)}`, value, timestamp }
    })
    return [{ topic: smoke.input, messages }]
  }
}

/** Closes all windows in each partition. */
function flush() {
  const timestamp = `${originMs + 2 * dayMs}`
  const messages = Array.from({ length: partitions }, (_, partition) => ({
    key: 'flush',
    value: Buffer.alloc(4),
    partition,
    timestamp,
  }))
  return [{ topic: smoke.input, messages }]
}
