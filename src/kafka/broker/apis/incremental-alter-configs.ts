import { incrementalAlterConfigs } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import { configProblem, type TopicConfig, topicConfigs } from '../topic-config.ts'
import { resourceType } from './config-resources.ts'

type Resource = Decoded<typeof incrementalAlterConfigs.request>['resources'][number]
type Change = Resource['configs'][number]

interface Problem {
  readonly code: number
  readonly message: string
}

const operation = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export const incrementalAlterConfigsApi = handler(incrementalAlterConfigs, (cluster, message) => {
  const responses = message.resources.map((resource) => {
    const problem = alter(cluster, resource, message.validateOnly)
    return {
      errorCode: problem?.code ?? 0,
      errorMessage: problem?.message ?? null,
      resourceType: resource.resourceType,
      resourceName: resource.resourceName,
    }
  })
  return { answer: { throttleTimeMs: 0, responses } }
})

function alter(cluster: Cluster, resource: Resource, validateOnly: boolean): Problem | undefined {
  if (resource.resourceType !== resourceType.topic) {
    return { code: code.invalidRequest, message: 'only topics can be configured here' }
  }
  const topic = cluster.topics.get(resource.resourceName)
  if (topic === undefined) {
    const message = `The topic '${resource.resourceName}' does not exist.`
    return { code: code.unknownTopicOrPartition, message }
  }
  const problem = resource.configs.map(changeProblem).find((found) => found !== undefined)
  if (problem !== undefined) return problem
  if (new Set(resource.configs.map(({ name }) => name)).size < resource.configs.length) {
    return { code: code.invalidRequest, message: 'Error due to duplicate config keys' }
  }
  const next = resource.configs.map((change) => ({
    name: change.name,
    value: changed(topic.config, change),
  }))
  for (const { name, value } of next) {
    const problem = configProblem(name, value ?? topic.config.get(name))
    if (problem !== undefined) return { code: code.invalidConfig, message: problem }
  }
  if (validateOnly) return undefined
  for (const { name, value } of next) {
    if (value === undefined) topic.config.reset(name)
    else topic.config.set(name, value)
  }
  return undefined
}

function changeProblem({ name, value, configOperation }: Change): Problem | undefined {
  if (value === null && configOperation !== operation.delete) {
    return { code: code.invalidRequest, message: `Null value not supported for : ${name}` }
  }
  const plain = configOperation === operation.set || configOperation === operation.delete
  const type = topicConfigs[name]?.type
  if (plain || type === undefined || type === 'list') return undefined
  const word = configOperation === operation.append ? 'APPEND' : 'SUBTRACT'
  const message = `Can't ${word} to key ${name} because its type is not LIST.`
  return { code: code.invalidConfig, message }
}

/** The value after a change; undefined for the default. */
function changed(config: TopicConfig, change: Change): string | undefined {
  const given = change.value ?? ''
  if (change.configOperation === operation.set) return given
  if (change.configOperation === operation.delete) return undefined
  const items = new Set(config.list(change.name))
  for (const item of given.split(',')) {
    if (change.configOperation === operation.append) items.add(item.trim())
    else items.delete(item.trim())
  }
  return [...items].join(',')
}
