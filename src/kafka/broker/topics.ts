/** The cluster's topics: who leads each partition, and its log. */
import { type NodeId, nodeId } from '../../model/ids.ts'
import { hash, mixedId } from './ids.ts'
import { PartitionLog } from './log/partition-log.ts'
import { TopicConfig } from './topic-config.ts'

export interface Partition {
  readonly log: PartitionLog
  leader: NodeId
  leaderEpoch: number
  readonly replicas: readonly NodeId[]
}

export interface Topic {
  readonly name: string
  /** 32 hexadecimal digits; another one after the topic was deleted and created again. */
  readonly id: string
  readonly config: TopicConfig
  readonly partitions: Partition[]
  readonly replicationFactor: number
}

export interface NewTopic {
  readonly name: string
  readonly replicationFactor: number
  /** Replicas of each partition, the leader first. */
  readonly assignments: readonly (readonly NodeId[])[]
  readonly configs: readonly { readonly name: string; readonly value: string }[]
}

export class Topics {
  readonly #seed: string
  readonly #messageBytesMax: number
  readonly #byName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  #created = 0

  constructor(seed: string, messageBytesMax: number) {
    this.#seed = seed
    this.#messageBytesMax = messageBytesMax
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }

  /** By name where the version of the request has names, else by id. */
  find(name: string, id: string): Topic | undefined {
    return name === '' ? this.#byId.get(id) : this.#byName.get(name)
  }

  all(): readonly Topic[] {
    return [...this.#byName.values()]
  }

  create({ name, replicationFactor, assignments, configs }: NewTopic): Topic {
    const config = new TopicConfig(this.#messageBytesMax)
    for (const { name, value } of configs) config.set(name, value)
    const id = mixedId(`${this.#seed}/topic`, ++this.#created)
    const topic: Topic = { name, id, config, partitions: [], replicationFactor }
    this.extend(topic, assignments)
    this.#byName.set(name, topic)
    this.#byId.set(id, topic)
    return topic
  }

  extend(topic: Topic, assignments: readonly (readonly NodeId[])[]): void {
    for (const replicas of assignments) {
      const log = new PartitionLog(topic.name, topic.partitions.length)
      log.epochs.begin(0, 0)
      topic.partitions.push({ log, leader: replicas[0] ?? nodeId(1), leaderEpoch: 0, replicas })
    }
  }

  delete(topic: Topic): void {
    this.#byName.delete(topic.name)
    this.#byId.delete(topic.id)
  }
}

/** Spreads partitions over the nodes 1…`nodes`, beginning where the topic's name falls. */
export function spread(name: string, count: number, factor: number, nodes: number): NodeId[][] {
  const from = hash(name)
  return Array.from({ length: count }, (_, partition) =>
    Array.from({ length: factor }, (_, replica) =>
      nodeId(((from + partition + replica) % nodes) + 1),
    ),
  )
}

/** Another node leads from now on; what it has is what the old leader had. */
export function moveLeader(partition: Partition, to: NodeId): void {
  partition.leader = to
  partition.leaderEpoch++
  partition.log.epochs.begin(partition.leaderEpoch, partition.log.endOffset)
}

/** Why a name is refused; undefined where it is fine. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed'
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`
  if (name.length > 249) return 'Topic name is invalid: the length is longer than 249 characters'
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return undefined
  const allowed = "ASCII alphanumerics, '.', '_' and '-'"
  return `Topic name is invalid: '${name}' contains one or more characters other than ${allowed}`
}
