/** Writing to and reading from a broker on a table. */
import { fetch, produce } from '../../../../src/kafka/protocol/messages/index.ts'
import {
  decodeBatch,
  decodeControl,
  readBatchHeaders,
} from '../../../../src/kafka/protocol/record-batch/index.ts'
import type { BrokerBench } from './broker-bench.ts'

export interface WriteOptions {
  readonly node?: number
  readonly partition?: number
  readonly version?: number
  readonly transactionalId?: string | null
}

/** The partition's answer to one Produce. */
export function write(
  bench: BrokerBench,
  topic: string,
  records: Uint8Array,
  { node = 1, partition: index = 0, version = 9, transactionalId = null }: WriteOptions = {},
) {
  const partitionData = [{ index, records }]
  const topicData = [{ name: topic, partitionData }]
  const message = { transactionalId, acks: -1, timeoutMs: 1_000, topicData }
  const answer = bench.ask(produce, version, message, { node }).get()
  const partition = answer.responses[0]?.partitionResponses[0]
  if (partition === undefined) throw new Error('no partition in the answer')
  return partition
}

export interface ReadOptions {
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly bytesMax?: number
  readonly node?: number
  readonly partition?: number
  readonly committed?: boolean
}

/** One Fetch, answered or waiting. */
export function read(bench: BrokerBench, topic: string, from: number, options: ReadOptions = {}) {
  const { maxWaitMs = 0, minBytes = 1, bytesMax = 1_000_000, node = 1, partition = 0 } = options
  const partitions = [{ partition, fetchOffset: from, partitionMaxBytes: bytesMax }]
  const isolationLevel = options.committed === true ? 1 : 0
  const message = { maxWaitMs, minBytes, isolationLevel, topics: [{ topic, partitions }] }
  const asked = bench.ask(fetch, 11, message, { node })
  return {
    asked,
    partition() {
      const partition = asked.get().responses[0]?.partitions[0]
      if (partition === undefined) throw new Error('no partition in the answer')
      return partition
    },
    /** `offset:value`, markers as `offset:commit` or `offset:abort`. */
    values() {
      return valuesOf(this.partition().records)
    },
    /** `producer@firstOffset`, in the order of the answer. */
    aborted() {
      const list = this.partition().abortedTransactions ?? []
      return list.map(({ producerId, firstOffset }) => `${producerId}@${firstOffset}`)
    },
  }
}

export function valuesOf(records: Uint8Array | null): readonly string[] {
  if (records === null) return []
  return readBatchHeaders(records).flatMap((header) => {
    if (header.isControl) return [`${header.baseOffset}:${decodeControl(records, header).kind}`]
    const batch = decodeBatch(records, header, (_, bytes) => bytes)
    return Array.from({ length: batch.count }, (_, i) => {
      const start = batch.valueStarts[i] ?? -1
      if (start < 0) return `${batch.offsets[i]}:null`
      const bytes = batch.bytes.subarray(start, batch.valueEnds[i])
      return `${batch.offsets[i]}:${Buffer.from(bytes).toString()}`
    })
  })
}
