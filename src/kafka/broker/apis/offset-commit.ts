import { offsetCommit } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import type { Group } from '../groups/group.ts'
import { commitProblem } from '../groups/membership.ts'
import { keepSession } from '../groups/rebalance.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'

type CommitRequest = Decoded<typeof offsetCommit.request>
type PartitionRequest = CommitRequest['topics'][number]['partitions'][number]

export const offsetCommitApi = handler(offsetCommit, (cluster, message, request) => {
  const group = committingGroup(cluster, message, request)
  const topics = message.topics.map(({ name, topicId, partitions }) => {
    const topic = cluster.topics.find(name, topicId)
    return {
      name,
      topicId,
      partitions: partitions.map((asked) => ({
        partitionIndex: asked.partitionIndex,
        errorCode:
          topic === undefined && request.apiVersion >= 10
            ? code.unknownTopicId
            : commit(cluster, group, topic?.name ?? name, asked),
      })),
    }
  })
  return { answer: { throttleTimeMs: 0, topics } }
})

/** The group if it takes positions from the caller, else the error code of all partitions. */
function committingGroup(
  cluster: Cluster,
  message: CommitRequest,
  { node }: BrokerRequest,
): Group | number {
  const { groupId, memberId, groupInstanceId } = message
  const generation = message.generationIdOrMemberEpoch
  if (groupId === '') return code.invalidGroupId
  if (cluster.coordinator('group', groupId) !== node) return code.notCoordinator
  const known = cluster.groups.get(groupId)
  // Whoever commits without being a member makes the group.
  if (known === undefined && generation >= 0) return code.illegalGeneration
  const group = known ?? cluster.groups.getOrCreate(groupId)
  const problem = commitProblem(group, { memberId, groupInstanceId, generation }, false)
  if (problem !== code.none) return problem
  const member = group.members.get(memberId)
  if (member !== undefined) keepSession(cluster, member)
  return group
}

function commit(
  cluster: Cluster,
  group: Group | number,
  topic: string,
  asked: PartitionRequest,
): number {
  if (typeof group === 'number') return group
  const problem = positionProblem(cluster, topic, asked)
  if (problem !== code.none) return problem
  group.offsets.commit({ topic, partition: asked.partitionIndex }, positionOf(asked))
  return code.none
}

export function positionProblem(
  cluster: Cluster,
  topic: string,
  { partitionIndex, committedMetadata }: PartitionRequest,
): number {
  const partition = cluster.topics.get(topic)?.partitions[partitionIndex]
  if (partition === undefined) return code.unknownTopicOrPartition
  const { offsetMetadataBytesMax } = cluster.options
  const tooLarge = (committedMetadata?.length ?? 0) > offsetMetadataBytesMax
  return tooLarge ? code.offsetMetadataTooLarge : code.none
}

export function positionOf(asked: PartitionRequest) {
  return {
    offset: asked.committedOffset,
    leaderEpoch: asked.committedLeaderEpoch,
    metadata: asked.committedMetadata ?? '',
  }
}
