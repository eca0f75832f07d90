/** Fills a topic for a measurement: seeded, so that every run reads the same records. */
import { decodeResponse, encodeRequest } from '../src/kafka/protocol/codec.ts'
import { metadata, produce } from '../src/kafka/protocol/messages/index.ts'
import { Reader } from '../src/kafka/protocol/reader.ts'
import { RecordBatchBuilder } from '../src/kafka/protocol/record-batch/batch-builder.ts'
import type { KafkaWire } from '../src/kafka/wire.ts'
import { noHeaders } from '../src/model/output.ts'
import { nodeId } from '../src/model/ids.ts'

export interface Load {
  readonly topic: string
  readonly partitions: number
  readonly records: number
  /** Distinct keys, uniformly drawn. */
  readonly keys: number
  /** Size of a value: JSON with a number that changes and filler. */
  readonly valueBytes: number
}

const produceVersion = 9
const batchBytesMax = 900_000
const acknowledgeAll = -1

/** Writes the records, round robin over the partitions; not transactional. */
export async function fill(wire: KafkaWire, load: Load): Promise<void> {
  const lane = wire.lane('produce')
  const leaders = await leadersOf(wire, load.topic)
  const random = seeded(7)
  const start = Date.UTC(2026, 0, 1)
  const builders = Array.from(
    { length: load.partitions },
    () => new RecordBatchBuilder(batchBytesMax),
  )
  const send = async (partition: number, builder: RecordBatchBuilder) => {
    const node = leaders.get(partition)
    if (node === undefined) throw new Error(`no leader for ${load.topic}-${partition}`)
    const request = encodeRequest(produce, produceVersion, {
      transactionalId: null,
      acks: acknowledgeAll,
      timeoutMs: 30_000,
      topicData: [
        { name: load.topic, partitionData: [{ index: partition, records: builder.finish({}) }] },
      ],
    })
    const reader = new Reader(await lane.send(nodeId(node), request, 30_000))
    const answer = decodeResponse(produce, produceVersion, reader)
    const code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1
    if (code !== 0) throw new Error(`produce answered error ${code}`)
    builder.reset()
  }
  const text = new TextEncoder()
  for (let i = 0; i < load.records; i++) {
    const key = text.encode(
      `k${Math.floor(random() * load.keys)
        .toString()
        .padStart(7, '0')}`,
    )
    const value = text.encode(valueText(i, Math.floor(random() * 10_000), load.valueBytes))
    const partition = i % load.partitions
    const builder = builders[partition]
    if (builder === undefined) continue
    const append = () =>
      builder.append(start + i, key, 0, key.length, value, 0, value.length, noHeaders)
    if (append()) continue
    await send(partition, builder)
    append()
  }
  for (const [partition, builder] of builders.entries()) {
    if (builder.count > 0) await send(partition, builder)
  }
  await lane.close()
}

function valueText(id: number, amount: number, size: number): string {
  const head = `{"id":${id},"amount":${amount},"note":"`
  return `${head}${'x'.repeat(Math.max(0, size - head.length - 2))}"}`
}

async function leadersOf(wire: KafkaWire, topic: string): Promise<ReadonlyMap<number, number>> {
  const lane = wire.lane('control')
  const version = 9
  const request = encodeRequest(metadata, version, { topics: [{ name: topic }] })
  const answer = await lane.send(wire.anyNode(), request, 10_000)
  const decoded = decodeResponse(metadata, version, new Reader(answer))
  wire.learn(decoded.brokers.map((broker) => ({ ...broker, nodeId: nodeId(broker.nodeId) })))
  await lane.close()
  const partitions = decoded.topics[0]?.partitions ?? []
  return new Map(partitions.map((p) => [p.partitionIndex, p.leaderId]))
}

/** A small generator (mulberry32): the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
