import { offsetFetch } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import type { GroupOffsets } from '../groups/group-offsets.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'

type FetchRequest = Decoded<typeof offsetFetch.request>
type GroupRequest = FetchRequest['groups'][number]

interface TopicAnswer {
  readonly name: string
  readonly topicId?: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: number
    readonly committedLeaderEpoch?: number
    readonly metadata: string | null
    readonly errorCode: number
  }[]
}

interface GroupAnswer {
  readonly groupId: string
  readonly topics: readonly TopicAnswer[]
  readonly errorCode: number
}

/** Since this version several groups at once. */
const severalSince = 8

export const offsetFetchApi = handler(offsetFetch, (cluster, message, request) => {
  if (request.apiVersion >= severalSince) {
    const groups = message.groups.map((group) => fetchGroup(cluster, group, message, request))
    return { answer: { throttleTimeMs: 0, groups } }
  }
  const { groupId } = message
  const topics = message.topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null
  const asked = { groupId, memberId: null, memberEpoch: -1, topics }
  const only = fetchGroup(cluster, asked, message, request)
  return { answer: { throttleTimeMs: 0, topics: only.topics, errorCode: only.errorCode } }
})

function fetchGroup(
  cluster: Cluster,
  asked: GroupRequest,
  { requireStable }: FetchRequest,
  { node }: BrokerRequest,
): GroupAnswer {
  const { groupId } = asked
  if (groupId === '') return { groupId, topics: [], errorCode: code.invalidGroupId }
  if (cluster.coordinator('group', groupId) !== node) {
    return { groupId, topics: [], errorCode: code.notCoordinator }
  }
  const offsets = cluster.groups.get(groupId)?.offsets
  const topics = asked.topics ?? everything(cluster, offsets)
  return {
    groupId,
    errorCode: 0,
    topics: topics.map((topic) => fetchTopic(cluster, offsets, topic, requireStable)),
  }
}

function everything(cluster: Cluster, offsets: GroupOffsets | undefined) {
  return Array.from(offsets?.places() ?? [], ([name, partitionIndexes]) => ({
    name,
    topicId: cluster.topics.get(name)?.id ?? '',
    partitionIndexes,
  }))
}

function fetchTopic(
  cluster: Cluster,
  offsets: GroupOffsets | undefined,
  asked: NonNullable<GroupRequest['topics']>[number],
  requireStable: boolean,
): TopicAnswer {
  const known = asked.name === '' ? cluster.topics.byId(asked.topicId) : undefined
  const name = known?.name ?? asked.name
  const partitions = asked.partitionIndexes.map((partitionIndex) => {
    if (name === '') return none(partitionIndex, code.unknownTopicId)
    // Not "no position": it is about to change.
    if (requireStable && offsets?.isUnstable(name, partitionIndex) === true) {
      return none(partitionIndex, code.unstableOffsetCommit)
    }
    const committed = offsets?.get(name, partitionIndex)
    if (committed === undefined) return none(partitionIndex, code.none)
    return {
      partitionIndex,
      committedOffset: committed.offset,
      committedLeaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      errorCode: 0,
    }
  })
  const { topicId } = asked
  return topicId === '' ? { name, partitions } : { name, topicId, partitions }
}

function none(partitionIndex: number, errorCode: number) {
  return { partitionIndex, committedOffset: -1, metadata: '', errorCode }
}
