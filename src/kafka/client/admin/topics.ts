/** Topics: what exists, what is to exist, what is to go. */
import { errorCode as codeOf, kafkaError } from '../../protocol/error-codes.ts'
import { createTopics, deleteTopics, describeConfigs } from '../../protocol/messages/index.ts'
import { check } from '../failure.ts'
import type { ClientContext } from '../context.ts'
import type { NewTopic, TopicDescription } from '../port.ts'

const topicResource = 2
const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')
const leaderNotAvailable = codeOf('LEADER_NOT_AVAILABLE')
const alreadyExists = codeOf('TOPIC_ALREADY_EXISTS')
const noTopicId = '0'.repeat(32)

export async function describe(
  { metadata }: ClientContext,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicDescription>> {
  const found = await metadata.readTopics(names)
  return new Map(
    Array.from(found, ([name, { partitions, topicId }]) => {
      return [name, { name, partitions: partitions.length, topicId }]
    }),
  )
}

export function configs(
  { requests, wire, requestTimeoutMs: timeoutMs }: ClientContext,
  name: string,
): Promise<ReadonlyMap<string, string | null>> {
  const doing = `reading the configuration of topic ${name}`
  const rules = { doing, timeoutMs, final: ['KAFKA_UNKNOWN_TOPIC_OR_PARTITION'] }
  return requests.retrying(rules, async (remainingMs) => {
    const answer = await requests.send(describeConfigs, {
      node: wire.anyNode(),
      message: {
        resources: [{ resourceType: topicResource, resourceName: name, configurationKeys: null }],
      },
      timeoutMs: remainingMs,
    })
    const [result] = answer.results
    check(result?.errorCode ?? unknownTopic, doing, { topic: name }, result?.errorMessage)
    return new Map((result?.configs ?? []).map((config) => [config.name, config.value]))
  })
}

/** Done when every partition has a leader, so that what comes next need not wait for it. */
export async function create(context: ClientContext, topics: readonly NewTopic[]): Promise<void> {
  if (topics.length === 0) return
  const { requests, metadata, requestTimeoutMs } = context
  const doing = `creating ${topics.map(({ name }) => name).join(', ')}`
  const rules = { doing, timeoutMs: requestTimeoutMs, refresh: () => metadata.expire() }
  await requests.retrying(rules, async (remainingMs) => {
    const answer = await requests.send(createTopics, {
      node: await metadata.controller(),
      message: { topics: topics.map(newTopic), timeoutMs: remainingMs },
      timeoutMs: remainingMs,
    })
    for (const { name, errorCode, errorMessage } of answer.topics) {
      if (errorCode === alreadyExists) continue
      check(errorCode, `creating topic ${name}`, { topic: name }, errorMessage)
    }
  })
  await requests.retrying(rules, async () => {
    const found = await metadata.readTopics(topics.map(({ name }) => name))
    for (const { name } of topics) {
      const partitions = found.get(name)?.partitions ?? []
      if (partitions.length > 0 && partitions.every(({ leader }) => leader !== undefined)) continue
      throw kafkaError(leaderNotAvailable, { doing, where: { topic: name } })
    }
  })
}

function newTopic({ name, partitions, replicationFactor, configs }: NewTopic) {
  const list = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  return { name, numPartitions: partitions, replicationFactor, assignments: [], configs: list }
}

/** Done when metadata does not show them any more. */
export async function remove(context: ClientContext, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const { requests, metadata, requestTimeoutMs } = context
  const doing = `deleting ${names.join(', ')}`
  const rules = { doing, timeoutMs: requestTimeoutMs, refresh: () => metadata.expire() }
  await requests.retrying(rules, async (remainingMs) => {
    const answer = await requests.send(deleteTopics, {
      node: await metadata.controller(),
      message: {
        topics: names.map((name) => ({ name, topicId: noTopicId })),
        topicNames: names,
        timeoutMs: remainingMs,
      },
      timeoutMs: remainingMs,
    })
    for (const { name, errorCode, errorMessage } of answer.responses) {
      if (errorCode === unknownTopic) continue
      check(errorCode, `deleting topic ${name}`, { topic: name ?? '' }, errorMessage)
    }
  })
  const shown = (remaining: ReadonlyMap<string, TopicDescription>) => remaining.keys().next().value
  await requests.retrying(rules, async () => {
    const left = shown(await describe(context, names))
    if (left !== undefined) throw kafkaError(leaderNotAvailable, { doing, where: { topic: left } })
  })
}
