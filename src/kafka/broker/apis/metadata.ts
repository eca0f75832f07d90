import { metadata } from '../../protocol/messages/index.ts'
import { offsetsTopic } from '../../protocol/offsets-topic.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { createTopic } from '../create-topic.ts'
import { handler } from '../handler.ts'
import { type Partition, type Topic, topicNameProblem } from '../topics.ts'

type MetadataRequest = Decoded<typeof metadata.request>
type TopicAnswer = Encodable<typeof metadata.response>['topics'][number]

export const metadataApi = handler(metadata, (cluster, message, { apiVersion }) => {
  const topics = askedTopics(cluster, message, apiVersion)
  return {
    answer: {
      throttleTimeMs: 0,
      brokers: cluster.addresses(),
      clusterId: cluster.options.clusterId,
      controllerId: cluster.controller,
      topics,
      errorCode: 0,
    },
  }
})

/** Null asks for all; in version 0 the empty list did. */
function askedTopics(cluster: Cluster, message: MetadataRequest, version: number): TopicAnswer[] {
  const { topics: asked } = message
  if (asked === null || (version === 0 && asked.length === 0)) {
    return cluster.topics.all().map(describe)
  }
  return asked.map(({ name, topicId }) => {
    if (name === null) {
      if (topicId === cluster.offsets.id) return describeOffsets(cluster)
      const topic = cluster.topics.byId(topicId)
      if (topic !== undefined) return describe(topic)
      return { errorCode: code.unknownTopicId, name: null, topicId, partitions: [] }
    }
    if (name === offsetsTopic) return describeOffsets(cluster)
    const topic = cluster.topics.get(name)
    if (topic !== undefined) return describe(topic)
    return missing(cluster, name, message.allowAutoTopicCreation)
  })
}

function missing(cluster: Cluster, name: string, mayCreate: boolean): TopicAnswer {
  if (!cluster.options.autoCreateTopics || !mayCreate) {
    const valid = topicNameProblem(name) === undefined
    const errorCode = valid ? code.unknownTopicOrPartition : code.invalidTopicException
    return { errorCode, name, partitions: [] }
  }
  const created = createTopic(cluster, { name, partitions: -1, replicationFactor: -1 })
  if ('topic' in created) return describe(created.topic)
  const errorCode = 'code' in created ? created.code : code.none
  return { errorCode, name, partitions: [] }
}

function describe(topic: Topic): TopicAnswer {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    partitions: topic.partitions.map(describePartition),
  }
}

/** Told when it is asked for by name, and not among all topics: nothing can be read from it. */
function describeOffsets({ offsets }: Cluster): TopicAnswer {
  return {
    errorCode: 0,
    name: offsetsTopic,
    topicId: offsets.id,
    isInternal: true,
    partitions: offsets.partitions.map(({ leader, leaderEpoch }, partition) =>
      describePartition({ leader, leaderEpoch, replicas: [leader] }, partition),
    ),
  }
}

function describePartition(partition: Omit<Partition, 'log'>, partitionIndex: number) {
  return {
    errorCode: 0,
    partitionIndex,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.replicas,
  }
}
