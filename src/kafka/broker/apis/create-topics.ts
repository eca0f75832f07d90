import { createTopics } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import { code } from '../codes.ts'
import { createTopic } from '../create-topic.ts'
import { handler } from '../handler.ts'
import { topicConfigs } from '../topic-config.ts'
import type { Topic } from '../topics.ts'

type Answer = Encodable<typeof createTopics.response>['topics'][number]

export const createTopicsApi = handler(createTopics, (cluster, message) => {
  const names = message.topics.map((topic) => topic.name)
  const topics = message.topics.map((asked): Answer => {
    const { name } = asked
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      return refused(name, code.invalidRequest, 'Duplicate topic name.')
    }
    const created = createTopic(cluster, {
      name,
      partitions: asked.numPartitions,
      replicationFactor: asked.replicationFactor,
      assignments: asked.assignments
        .toSorted((a, b) => a.partitionIndex - b.partitionIndex)
        .map((assignment) => assignment.brokerIds),
      configs: asked.configs,
      validateOnly: message.validateOnly,
    })
    return 'topic' in created
      ? described(created.topic)
      : refused(name, created.code, created.message)
  })
  return { answer: { throttleTimeMs: 0, topics } }
})

function refused(name: string, errorCode: number, errorMessage: string): Answer {
  return { name, errorCode, errorMessage: errorCode === 0 ? null : errorMessage, configs: null }
}

const dynamicTopicConfig = 1
const defaultConfig = 5

function described(topic: Topic): Answer {
  const configs = Object.keys(topicConfigs).map((name) => ({
    name,
    value: topic.config.get(name),
    readOnly: false,
    configSource: topic.config.isSet(name) ? dynamicTopicConfig : defaultConfig,
    isSensitive: false,
  }))
  return {
    name: topic.name,
    topicId: topic.id,
    errorCode: 0,
    errorMessage: null,
    numPartitions: topic.partitions.length,
    replicationFactor: topic.replicationFactor,
    configs,
  }
}
