import { createTopics } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import { code } from '../codes.ts'
import { createTopic } from '../create-topic.ts'
import { handler } from '../handler.ts'
import { topicConfigs } from '../topic-config.ts'
import type { NewTopic, Topic } from '../topics.ts'

type Answer = Encodable<typeof createTopics.response>['topics'][number]

export const createTopicsApi = handler(createTopics, (cluster, message) => {
  const names = message.topics.map((topic) => topic.name)
  const repeated = (name: string) => names.indexOf(name) !== names.lastIndexOf(name)
  const duplicates = Array.from(new Set(names.filter(repeated)), (name) =>
    refused(name, code.invalidRequest, 'Duplicate topic name.'),
  )
  const topics = message.topics
    .filter((topic) => !repeated(topic.name))
    .map((asked): Answer => {
      const { name } = asked
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
      if ('topic' in created) return described(created.topic)
      if ('valid' in created) return valid(created.valid)
      return refused(name, created.code, created.message)
    })
  return { answer: { throttleTimeMs: 0, topics: [...topics, ...duplicates] } }
})

function refused(name: string, errorCode: number, errorMessage: string): Answer {
  return { name, errorCode, errorMessage, configs: null }
}

function valid({ name, assignments, replicationFactor }: NewTopic): Answer {
  const numPartitions = assignments.length
  return { name, errorCode: 0, errorMessage: null, numPartitions, replicationFactor, configs: [] }
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
