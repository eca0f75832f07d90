/** Checks and creates topics, for CreateTopics and for automatic creation. */
import { type NodeId, nodeId } from '../../model/ids.ts'
import type { Cluster } from './cluster.ts'
import { code } from './codes.ts'
import { configProblem } from './topic-config.ts'
import { type NewTopic, spread, type Topic, topicNameProblem } from './topics.ts'

/** As in Apache Kafka, so that a wrong number does not take all memory. */
export const partitionsMax = 10_000
export const tooManyPartitions = 'Excessively large number of partitions per request.'

export interface AskedTopic {
  readonly name: string
  /** −1: the broker's default, or as many as are assigned. */
  readonly partitions: number
  readonly replicationFactor: number
  readonly assignments?: readonly (readonly number[])[]
  readonly configs?: readonly { readonly name: string; readonly value: string | null }[]
  readonly validateOnly?: boolean
}

export interface TopicRefused {
  readonly code: number
  readonly message: string
}

export function createTopic(
  cluster: Cluster,
  asked: AskedTopic,
): { readonly topic: Topic } | { readonly valid: NewTopic } | TopicRefused {
  const problem = topicProblem(cluster, asked)
  if (problem !== undefined) return problem
  const { name, assignments = [], configs = [] } = asked
  const factor = assignments[0]?.length ?? Math.max(1, asked.replicationFactor)
  const count = asked.partitions < 0 ? cluster.options.partitionsDefault : asked.partitions
  const placed: readonly (readonly NodeId[])[] =
    assignments.length > 0
      ? assignments.map((replicas) => replicas.map(nodeId))
      : spread(name, count, factor, cluster.options.nodes)
  const set = configs.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]))
  const created: NewTopic = { name, replicationFactor: factor, assignments: placed, configs: set }
  if (asked.validateOnly === true) return { valid: created }
  return { topic: cluster.topics.create(created) }
}

function topicProblem(cluster: Cluster, asked: AskedTopic): TopicRefused | undefined {
  const { name, partitions, replicationFactor, assignments = [], configs = [] } = asked
  const { nodes } = cluster.options
  const nameProblem = topicNameProblem(name)
  if (nameProblem !== undefined) return refused(code.invalidTopicException, nameProblem)
  if (cluster.topics.get(name) !== undefined) {
    return refused(code.topicAlreadyExists, `Topic '${name}' already exists.`)
  }
  for (const config of configs) {
    const problem = config.value === null ? undefined : configProblem(config.name, config.value)
    if (problem !== undefined) return refused(code.invalidConfig, problem)
  }
  if (assignments.length > 0) return assignmentProblem(assignments, nodes)
  if (partitions === 0 || partitions < -1) {
    return refused(
      code.invalidPartitions,
      'Number of partitions was set to an invalid non-positive value.',
    )
  }
  if (partitions > partitionsMax) return refused(code.policyViolation, tooManyPartitions)
  if (replicationFactor === 0 || replicationFactor < -1) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.'
    return refused(code.invalidReplicationFactor, message)
  }
  if (replicationFactor > nodes) {
    const wanted = `Unable to replicate the partition ${replicationFactor} time(s)`
    const message = `${wanted}: only ${nodes} broker(s) are registered.`
    return refused(code.invalidReplicationFactor, message)
  }
  return undefined
}

export function assignmentProblem(
  assignments: readonly (readonly number[])[],
  nodes: number,
): TopicRefused | undefined {
  const stranger = assignments.flat().find((id) => id < 1 || id > nodes)
  if (stranger !== undefined) {
    const includes = `The manual partition assignment includes broker ${stranger}`
    const message = `${includes}, but no such broker is registered.`
    return refused(code.invalidReplicaAssignment, message)
  }
  const fine = assignments.every(
    (replicas) => replicas.length > 0 && new Set(replicas).size === replicas.length,
  )
  return fine ? undefined : refused(code.invalidReplicaAssignment, 'Invalid replica assignment.')
}

function refused(code: number, message: string): TopicRefused {
  return { code, message }
}
