import { describeConfigs } from '../../protocol/messages/index.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import { type ConfigType, topicConfigs } from '../topic-config.ts'
import { topicNameProblem } from '../topics.ts'
import { configSource, resourceType } from './config-resources.ts'

type Resource = Decoded<typeof describeConfigs.request>['resources'][number]
type Answer = Encodable<typeof describeConfigs.response>['results'][number]
type Config = Answer['configs'][number]

const typeNumber: Record<ConfigType, number> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
}

export const describeConfigsApi = handler(describeConfigs, (cluster, message) => {
  const results = message.resources.map((resource) => describe(cluster, resource))
  return { answer: { throttleTimeMs: 0, results } }
})

function describe(cluster: Cluster, resource: Resource): Answer {
  const { resourceType: type, resourceName: name } = resource
  const wanted = ({ name }: Config) => resource.configurationKeys?.includes(name) ?? true
  const about = { resourceType: type, resourceName: name, errorMessage: '' }
  if (type === resourceType.topic) {
    const configs = topicConfig(cluster, name)
    if (configs !== undefined) {
      return { ...about, errorCode: 0, configs: configs.filter(wanted) }
    }
    const problem = topicNameProblem(name)
    const errorCode =
      problem === undefined ? code.unknownTopicOrPartition : code.invalidTopicException
    return { ...about, errorCode, errorMessage: problem ?? '', configs: [] }
  }
  if (type === resourceType.broker) {
    return { ...about, errorCode: 0, configs: brokerConfig(cluster, name).filter(wanted) }
  }
  return { ...about, errorCode: code.invalidRequest, configs: [] }
}

function topicConfig(cluster: Cluster, name: string): readonly Config[] | undefined {
  const config = cluster.topics.get(name)?.config
  if (config === undefined) return undefined
  return Object.entries(topicConfigs).map(([name, { type }]) => ({
    name,
    value: config.get(name),
    readOnly: false,
    configSource: config.isSet(name) ? configSource.dynamicTopic : configSource.default,
    isSensitive: false,
    synonyms: [],
    configType: typeNumber[type],
    documentation: null,
  }))
}

/**
 * The settings that clients look at: limits, and whether topics are made without being asked for.
 */
function brokerConfig({ options }: Cluster, id: string): readonly Config[] {
  const values: readonly (readonly [string, ConfigType, string | number | boolean])[] = [
    ['auto.create.topics.enable', 'boolean', options.autoCreateTopics],
    ['broker.id', 'int', id],
    ['default.replication.factor', 'int', 1],
    ['fetch.max.bytes', 'int', options.fetchBytesMax],
    ['group.initial.rebalance.delay.ms', 'int', options.initialRebalanceDelayMs],
    ['group.max.session.timeout.ms', 'int', options.sessionTimeoutMsMax],
    ['group.min.session.timeout.ms', 'int', options.sessionTimeoutMsMin],
    ['message.max.bytes', 'int', options.messageBytesMax],
    ['min.insync.replicas', 'int', 1],
    ['num.partitions', 'int', options.partitionsDefault],
    ['offset.metadata.max.bytes', 'int', options.offsetMetadataBytesMax],
    ['transaction.max.timeout.ms', 'int', options.transactionTimeoutMsMax],
  ]
  return values.map(([name, type, value]) => ({
    name,
    value: String(value),
    readOnly: true,
    configSource: configSource.staticBroker,
    isSensitive: false,
    synonyms: [],
    configType: typeNumber[type],
    documentation: null,
  }))
}
