import { listOffsets } from '../../protocol/messages/index.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { handler } from '../handler.ts'
import { findByTimestamp, findLatestTimestamp, type TimedOffset } from '../log/time-lookup.ts'
import type { BrokerRequest } from '../request.ts'
import type { Partition, Topic } from '../topics.ts'

type PartitionRequest = Decoded<typeof listOffsets.request>['topics'][number]['partitions'][number]
type PartitionAnswer = Encodable<
  typeof listOffsets.response
>['topics'][number]['partitions'][number]

/** Timestamps that stand for places. */
const latest = -1
const earliest = -2
const latestTimestamp = -3
const earliestLocal = -4

export const listOffsetsApi = handler(listOffsets, (cluster, message, request) => {
  const committedOnly = message.isolationLevel === 1
  const topics = message.topics.map(({ name, partitions }) => {
    const topic = cluster.topics.get(name)
    return {
      name,
      partitions: partitions.map((asked) => answer(cluster, topic, asked, committedOnly, request)),
    }
  })
  return { answer: { throttleTimeMs: 0, topics } }
})

function answer(
  cluster: Cluster,
  topic: Topic | undefined,
  asked: PartitionRequest,
  committedOnly: boolean,
  request: BrokerRequest,
): PartitionAnswer {
  const { partitionIndex, currentLeaderEpoch } = asked
  const led = cluster.led(topic, partitionIndex, request, currentLeaderEpoch)
  if ('code' in led) return { partitionIndex, errorCode: led.code }
  const found = find(cluster, led.partition, asked.timestamp, committedOnly)
  return { partitionIndex, errorCode: 0, ...found }
}

function find(
  cluster: Cluster,
  { log, leaderEpoch }: Partition,
  timestamp: number,
  committedOnly: boolean,
): Partial<TimedOffset> & { readonly leaderEpoch?: number } {
  const end = committedOnly ? log.lastStableOffset : log.endOffset
  if (timestamp === latest) return { offset: end, leaderEpoch }
  if (timestamp === earliest || timestamp === earliestLocal) {
    return { offset: log.startOffset, leaderEpoch: log.epochs.epochAt(log.startOffset) }
  }
  if (timestamp < latestTimestamp) return {}
  const found =
    timestamp === latestTimestamp
      ? findLatestTimestamp(log, cluster.decompress)
      : findByTimestamp(log, timestamp, cluster.decompress)
  if (found === undefined || found.offset >= end) return {}
  return { ...found, leaderEpoch: log.epochs.epochAt(found.offset) }
}
