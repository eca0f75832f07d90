/**
 * A process outside the engine that reads its output as a `read_committed` consumer, as soon as
 * the broker lets it: latency is arrival here minus intended time, which is the timestamp.
 */
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { systemEnv } from '../../src/env/system.ts'
import { connectKafka } from '../../src/kafka/client/connect.ts'
import type { FetchedBatches } from '../../src/kafka/client/port.ts'
import { DurationHistogram } from './histogram.ts'
import { fail, listen, setupOf, tell, type Window } from './messages.ts'
import { sharedClock } from './shared-clock.ts'

const mebibyte = 2 ** 20
/** For what is still on its way when the generator has ended. */
const drainMsMax = 20_000

const setup = setupOf(process.argv)
const { topic } = setup
const now = sharedClock(setup.originMs)
const env = systemEnv({ logLevel: 'warn' })
const wire = kafkajsWire({ brokers: setup.brokers.split(','), clientId: 'reader' }, env)
const client = await connectKafka({ wire, env, ...batchCompression() })
const latency = new DurationHistogram()
const last = new Map<number, number>()
const ending = new AbortController()
let window: Window | undefined
let expected = Number.POSITIVE_INFINITY
let before = performance.eventLoopUtilization()
let records = 0
let disordered = 0

listen((message) => {
  if (message.kind === 'window') {
    window = message.window
    before = performance.eventLoopUtilization()
  }
  if (message.kind === 'expect') {
    expected = message.records
    setTimeout(() => ending.abort(), drainMsMax)
    if (records >= expected) ending.abort()
  }
})
read().catch(fail)

async function read(): Promise<void> {
  const fetcher = client.fetcher({
    isolation: 'read_committed',
    waitMs: 500,
    bytesMin: 1,
    bytesMax: 16 * mebibyte,
    partitionBytesMax: 4 * mebibyte,
    bufferBytesMax: 32 * mebibyte,
    lane: 'fetch',
  })
  for (let partition = 0; partition < setup.partitions; partition++) {
    fetcher.assign({ topic, partition }, 0)
  }
  while (records < expected && !ending.signal.aborted) {
    await fetcher.wait(ending.signal)
    const nowMs = now()
    for (const fetched of fetcher.poll(32 * mebibyte)) take(fetched, nowMs)
    const problem = fetcher.problems()[0]
    if (problem !== undefined) throw new Error(`${topic}: ${JSON.stringify(problem)}`)
  }
  const { utilization: busy } = performance.eventLoopUtilization(before)
  tell({ kind: 'read', result: { records, disordered, busy, latency: latency.summary() } })
}

function take({ partition, batches }: FetchedBatches, nowMs: number): void {
  if (records === 0 && batches.length > 0) tell({ kind: 'first' })
  let newest = last.get(partition) ?? 0
  for (const batch of batches) {
    for (let i = 0; i < batch.count; i++) {
      const atMs = batch.timestamps[i] ?? Number.NaN
      if (atMs < newest) disordered++
      newest = atMs
      if (window !== undefined && atMs >= window.fromMs && atMs < window.toMs) {
        latency.record(nowMs - atMs)
      }
    }
    records += batch.count
  }
  last.set(partition, newest)
}
