import { createPartitions } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import { nodeId } from '../../../model/ids.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { assignmentProblem, partitionsMax, tooManyPartitions } from '../create-topic.ts'
import { handler } from '../handler.ts'
import { spread } from '../topics.ts'

type TopicRequest = Decoded<typeof createPartitions.request>['topics'][number]

interface Problem {
  readonly code: number
  readonly message: string | null
}

export const createPartitionsApi = handler(createPartitions, (cluster, message) => {
  const results = message.topics.map((asked) => {
    const problem = extend(cluster, asked, message.validateOnly)
    const { name } = asked
    return { name, errorCode: problem?.code ?? 0, errorMessage: problem?.message ?? null }
  })
  return { answer: { throttleTimeMs: 0, results } }
})

function extend(
  cluster: Cluster,
  { name, count, assignments }: TopicRequest,
  validateOnly: boolean,
): Problem | undefined {
  const topic = cluster.topics.get(name)
  if (topic === undefined) {
    return { code: code.unknownTopicOrPartition, message: null }
  }
  const present = topic.partitions.length
  if (count <= present) {
    const found = `The topic ${name} currently has ${present} partition(s)`
    const message =
      count === present
        ? `Topic already has ${present} partition(s).`
        : `${found}; ${count} would not be an increase.`
    return { code: code.invalidPartitions, message }
  }
  if (count - present > partitionsMax) {
    return { code: code.policyViolation, message: tooManyPartitions }
  }
  const given = assignments?.map((assignment) => assignment.brokerIds)
  const { nodes } = cluster.options
  if (given !== undefined && given.length !== count - present) {
    const wanted = `Attempted to add ${count - present} additional partition(s)`
    const message = `${wanted}, but only ${given.length} assignment(s) were specified.`
    return { code: code.invalidReplicaAssignment, message }
  }
  const problem = given === undefined ? undefined : assignmentProblem(given, nodes)
  if (problem !== undefined || validateOnly) return problem
  const spreadOut = spread(name, count, topic.replicationFactor, nodes).slice(present)
  cluster.topics.extend(topic, given?.map((ids) => ids.map(nodeId)) ?? spreadOut)
  return undefined
}
