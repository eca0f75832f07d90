/**
 * A process that writes records at a fixed rate until its window ends. The intended time is each
 * record's timestamp (milliseconds, rounded down, so that latency is rather over- than
 * under-stated); every engine hands timestamps on.
 */
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { systemEnv } from '../../src/env/system.ts'
import { connectContext } from '../../src/kafka/client/connect.ts'
import { check } from '../../src/kafka/client/failure.ts'
import { produce } from '../../src/kafka/protocol/messages/index.ts'
import { RecordBatchBuilder } from '../../src/kafka/protocol/record-batch/index.ts'
import type { NodeId } from '../../src/model/ids.ts'
import { murmur2, partitionOfHash } from '../../src/model/murmur2.ts'
import { noHeaders } from '../../src/model/output.ts'
import { keyBytes } from '../load/keys.ts'
import { keyDraw, seeded } from '../load/random.ts'
import { eventEncoding } from '../load/values.ts'
import { DurationHistogram } from './histogram.ts'
import { fail, listen, setupOf, tell, type Window } from './messages.ts'
import { dueBy, intendedMs, type Schedule } from './schedule.ts'
import { sharedClock } from './shared-clock.ts'

const batchBytesMax = 900_000
const produceVersion = 9
const allReplicas = -1
const timeoutMs = 30_000

const setup = setupOf(process.argv)
const { topic, partitions, perSecond, keys, valueBytes, tickMs } = setup
const now = sharedClock(setup.originMs)
const env = systemEnv({ logLevel: 'warn' })
const wire = kafkajsWire({ brokers: setup.brokers.split(','), clientId: 'generator' }, env)
const context = await connectContext({ wire, env, ...batchCompression() })
for (let partition = 0; partition < partitions; partition++) {
  await context.metadata.leaderOf({ topic, partition }, timeoutMs)
}
const lane = wire.lane('produce')
const lateness = new DurationHistogram()
const acknowledged = new DurationHistogram()
const spares: RecordBatchBuilder[] = []
const drawKey = keyDraw(keys, 'uniform', seeded(7))
const valueOf = eventEncoding('json', valueBytes)
let window: Window | undefined
let before = performance.eventLoopUtilization()
let sent = 0
let unanswered = 0

listen((message) => {
  if (message.kind !== 'window') return
  window = message.window
  before = performance.eventLoopUtilization()
})
const schedule: Schedule = { startMs: now(), perSecond }
tick()

function tick(): void {
  const nowMs = now()
  const due = dueBy(schedule, Math.min(nowMs, window?.toMs ?? nowMs))
  const builders = new Map<number, RecordBatchBuilder>()
  for (; sent < due; sent++) {
    const key = keyBytes(drawKey())
    const partition = partitionOfHash(murmur2(key, 0, key.length), partitions)
    const builder = builders.get(partition) ?? spares.pop() ?? new RecordBatchBuilder(batchBytesMax)
    builders.set(partition, builder)
    append(builder, sent, key, nowMs)
  }
  if (builders.size > 0) send(builders)
  if (window === undefined || nowMs < window.toMs) setTimeout(tick, tickMs)
  else end()
}

function append(builder: RecordBatchBuilder, index: number, key: Uint8Array, nowMs: number): void {
  const atMs = intendedMs(schedule, index)
  const event = { id: index, key: 0, user: 0, amount: index % 10_000, timestamp: Math.floor(atMs) }
  const value = valueOf(event)
  builder.append(event.timestamp, key, 0, key.length, value, 0, value.length, noHeaders)
  if (window !== undefined && atMs >= window.fromMs) lateness.record(nowMs - atMs)
}

function send(builders: ReadonlyMap<number, RecordBatchBuilder>): void {
  const byNode = new Map<NodeId, { index: number; records: Uint8Array }[]>()
  for (const [partition, builder] of builders) {
    const leader = context.metadata.leader({ topic, partition })
    if (leader === undefined) return fail(new Error(`no leader for ${topic}-${partition}`))
    const present = byNode.get(leader.node) ?? []
    present.push({ index: partition, records: builder.finish({}) })
    byNode.set(leader.node, present)
  }
  const beganMs = now()
  const requests = Array.from(byNode, async ([node, partitionData]) => {
    const answer = await context.requests.sendVersion(produce, produceVersion, {
      node,
      lane,
      timeoutMs,
      message: {
        transactionalId: null,
        acks: allReplicas,
        timeoutMs,
        topicData: [{ name: topic, partitionData }],
      },
    })
    for (const { partitionResponses } of answer.responses) {
      for (const { errorCode } of partitionResponses) check(errorCode, 'generating')
    }
    if (window !== undefined && beganMs >= window.fromMs) acknowledged.record(now() - beganMs)
  })
  unanswered++
  Promise.all(requests).then(() => {
    unanswered--
    for (const builder of builders.values()) {
      builder.reset()
      spares.push(builder)
    }
  }, fail)
}

function end(): void {
  if (unanswered > 0) {
    setTimeout(end, tickMs)
    return
  }
  const { utilization: busy } = performance.eventLoopUtilization(before)
  const summaries = { lateness: lateness.summary(), acknowledged: acknowledged.summary() }
  tell({ kind: 'generated', result: { records: sent, busy, ...summaries } })
}
