import { deleteTopics } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'

type Answer = Encodable<typeof deleteTopics.response>['responses'][number]

/** Version 6 names a topic by name or by id, the older ones by name. */
export const deleteTopicsApi = handler(deleteTopics, (cluster, message) => {
  const responses = [
    ...message.topicNames.map((name) => byName(cluster, name)),
    ...message.topics.map(({ name, topicId }) =>
      name === null ? byId(cluster, topicId) : byName(cluster, name),
    ),
  ]
  return { answer: { throttleTimeMs: 0, responses } }
})

function byName(cluster: Cluster, name: string): Answer {
  const topic = cluster.topics.get(name)
  if (topic === undefined) return { name, errorCode: code.unknownTopicOrPartition }
  cluster.deleteTopic(topic)
  return { name, topicId: topic.id, errorCode: 0 }
}

function byId(cluster: Cluster, topicId: string): Answer {
  const topic = cluster.topics.byId(topicId)
  if (topic === undefined) return { name: null, topicId, errorCode: code.unknownTopicId }
  cluster.deleteTopic(topic)
  return { name: topic.name, topicId, errorCode: 0 }
}
