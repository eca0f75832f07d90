/** Offsets: of partitions, of groups; and purging. */
import { partitionName, type TopicPartition } from '../../../model/ids.ts'
import { deleteRecords, listOffsets, offsetFetch } from '../../protocol/messages/index.ts'
import { check } from '../failure.ts'
import type { ClientContext } from '../context.ts'
import type { CommittedPosition } from '../port.ts'
import { askLeaders, byTopic } from './by-leader.ts'

export type OffsetQuestion = 'earliest' | 'latest' | { readonly timestamp: number }
export type Isolation = 'read_committed' | 'read_uncommitted'

/** The first version that can tell a position under which no transaction is pending. */
const stableOffsetsVersion = 7
/** From the next on topics go by id only. */
const offsetFetchMax = 9
const consumerReplica = -1

export function offsetsOf(
  context: ClientContext,
  partitions: readonly TopicPartition[],
  at: OffsetQuestion,
  isolation: Isolation,
): Promise<ReadonlyMap<string, number>> {
  const timestamp = at === 'earliest' ? -2 : at === 'latest' ? -1 : at.timestamp
  return askLeaders(context, 'reading offsets', partitions, async (node, topics, timeoutMs) => {
    const answer = await context.requests.send(listOffsets, {
      node,
      min: 2,
      message: {
        replicaId: consumerReplica,
        isolationLevel: isolation === 'read_committed' ? 1 : 0,
        topics: topics.map(({ name, partitions: asked }) => ({
          name,
          partitions: asked.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
        })),
        timeoutMs,
      },
      timeoutMs,
    })
    return answer.topics.flatMap(({ name, partitions: told }) =>
      told.map(({ partitionIndex, errorCode, offset }) => {
        return { topic: name, partition: partitionIndex, errorCode, result: offset }
      }),
    )
  })
}

export async function purge(
  context: ClientContext,
  upTo: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  await askLeaders(context, 'purging records', upTo, async (node, topics, timeoutMs) => {
    const answer = await context.requests.send(deleteRecords, {
      node,
      message: {
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partition, offset }) => {
            return { partitionIndex: partition, offset }
          }),
        })),
        timeoutMs,
      },
      timeoutMs,
    })
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, lowWatermark }) => {
        return { topic: name, partition: partitionIndex, errorCode, result: lowWatermark }
      }),
    )
  })
}

/**
 * With `requireStable` a broker answers 88 while a transaction on a partition is pending; that is
 * not "no offset" but "ask again", which the retry loop does (KIP-447).
 */
export function committed(
  { requests, coordinators, requestTimeoutMs }: ClientContext,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, CommittedPosition>> {
  const doing = `reading the positions of group ${groupId}`
  const topics = byTopic(partitions).map(({ name, partitions: asked }) => ({
    name,
    topicId: '0'.repeat(32),
    partitionIndexes: asked.map(({ partition }) => partition),
  }))
  const rules = {
    doing,
    timeoutMs: requestTimeoutMs,
    backoffMs: 4,
    backoffMaxMs: 100,
    refresh: () => coordinators.forget('group', groupId),
  }
  return requests.retrying(rules, async (remainingMs) => {
    const answer = await requests.send(offsetFetch, {
      node: await coordinators.of('group', groupId, remainingMs),
      min: stableOffsetsVersion,
      max: offsetFetchMax,
      message: { groupId, topics, groups: [{ groupId, topics }], requireStable: true },
      timeoutMs: remainingMs,
    })
    const [group] = answer.groups
    const told = group ?? answer
    check(told.errorCode, doing)
    const positions = new Map<string, CommittedPosition>()
    for (const { name, partitions: list } of told.topics) {
      for (const entry of list) {
        const at = { topic: name, partition: entry.partitionIndex }
        check(entry.errorCode, doing, at)
        if (entry.committedOffset >= 0) positions.set(partitionName(at), position(at, entry))
      }
    }
    return positions
  })
}

function position(
  at: TopicPartition,
  entry: {
    readonly committedOffset: number
    readonly committedLeaderEpoch: number
    readonly metadata: string | null
  },
): CommittedPosition {
  const { committedOffset, committedLeaderEpoch, metadata } = entry
  return {
    ...at,
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: metadata ?? '',
  }
}
