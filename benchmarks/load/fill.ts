/** Writes a topic for a measurement: by the partition of the key, as any Kafka producer does. */
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeResponse, encodeRequest } from '../../src/kafka/protocol/codec.ts'
import { produce } from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import { RecordBatchBuilder } from '../../src/kafka/protocol/record-batch/batch-builder.ts'
import type { KafkaWire, WireLane } from '../../src/kafka/wire.ts'
import { nodeId } from '../../src/model/ids.ts'
import { murmur2, partitionOfHash } from '../../src/model/murmur2.ts'
import { noHeaders } from '../../src/model/output.ts'
import { leadersOf } from '../harness/topics.ts'
import type { InputRecord } from './events.ts'

const produceVersion = 9
const batchBytesMax = 256 * 1024
const acknowledgeAll = -1
/** A new topic has a leader in the metadata a moment before the leader knows it. */
const leaderComes: readonly number[] = [3, 5, 6]
const leaderTries = 50
const leaderPatienceMs = 20
const noValue = new Uint8Array(0)

/**
 * Writes the records, not transactional. Batches go out as they are full, so that the partitions
 * grow side by side.
 */
export async function fill(
  wire: KafkaWire,
  topic: string,
  partitions: number,
  records: Iterable<InputRecord>,
): Promise<void> {
  const leaders = await leadersOf(wire, topic)
  const lane = wire.lane('produce')
  const builders = Array.from({ length: partitions }, () => new RecordBatchBuilder(batchBytesMax))
  const flush = async (partition: number, builder: RecordBatchBuilder) => {
    const node = leaders.get(partition)
    if (node === undefined) throw new Error(`no leader for ${topic}-${partition}`)
    await send(lane, node, { topic, partition, records: builder.finish({}) })
    builder.reset()
  }
  for (const { key, value, timestamp } of records) {
    const partition = partitionOfHash(murmur2(key, 0, key.length), partitions)
    const builder = builders[partition]
    if (builder === undefined) continue
    const bytes = value ?? noValue
    const start = value === null ? -1 : 0
    const append = () =>
      builder.append(timestamp, key, 0, key.length, bytes, start, bytes.length, noHeaders)
    if (append()) continue
    await flush(partition, builder)
    append()
  }
  for (const [partition, builder] of builders.entries()) {
    if (builder.count > 0) await flush(partition, builder)
  }
  await lane.close()
}

interface Batch {
  readonly topic: string
  readonly partition: number
  readonly records: Uint8Array
}

async function send(lane: WireLane, node: number, batch: Batch): Promise<void> {
  const { topic, partition, records } = batch
  const request = encodeRequest(produce, produceVersion, {
    transactionalId: null,
    acks: acknowledgeAll,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  })
  for (let left = leaderTries; ; left--) {
    const reader = new Reader(await lane.send(nodeId(node), request, 30_000))
    const answer = decodeResponse(produce, produceVersion, reader)
    const code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1
    if (code === 0) return
    if (left === 0 || !leaderComes.includes(code)) throw new Error(`produce: error ${code}`)
    await sleep(leaderPatienceMs)
  }
}
