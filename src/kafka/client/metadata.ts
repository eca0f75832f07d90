/**
 * Brokers, topics and leaders as last read; read again when an answer says that they are out of
 * date.
 */
import type { Env } from '../../env/port.ts'
import { type NodeId, nodeId, type TopicPartition } from '../../model/ids.ts'
import type { StreamError } from '../../model/errors.ts'
import { errorCode as codeOf, kafkaError } from '../protocol/error-codes.ts'
import { metadata as metadataApi } from '../protocol/messages/index.ts'
import type { Decoded } from '../protocol/schema.ts'
import type { BrokerAddress, KafkaWire } from '../wire.ts'
import { check } from './failure.ts'
import type { Requests } from './request.ts'

export interface TopicMetadata {
  readonly name: string
  /** 32 hexadecimal digits; null where the broker knows no topic ids. */
  readonly topicId: string | null
  /** By partition number. */
  readonly partitions: readonly PartitionMetadata[]
}

export interface PartitionMetadata {
  /** Undefined while the partition has no leader. */
  readonly leader: NodeId | undefined
  /** −1 where the broker does not tell it. */
  readonly leaderEpoch: number
  readonly replicas: readonly NodeId[]
}

export interface Leader {
  readonly node: NodeId
  readonly epoch: number
}

const ageMaxMs = 300_000
const noTopicId = '0'.repeat(32)
const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')
const leaderNotAvailable = codeOf('LEADER_NOT_AVAILABLE')

type Answer = Decoded<(typeof metadataApi)['response']>

export class Metadata {
  readonly #wire: KafkaWire
  readonly #requests: Requests
  readonly #env: Env
  readonly #timeoutMs: number
  readonly #topics = new Map<string, TopicMetadata>()
  readonly #names = new Map<string, string>()
  /** What is wrong with a topic is told to those who ask for it, and to nobody else. */
  readonly #failures = new Map<string, StreamError>()
  #brokers: ReadonlyMap<NodeId, BrokerAddress> = new Map()
  #clusterId: string | null = null
  #controller: NodeId | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: { readonly names: ReadonlySet<string>; readonly done: Promise<void> } | undefined

  constructor(wire: KafkaWire, requests: Requests, env: Env, timeoutMs: number) {
    this.#wire = wire
    this.#requests = requests
    this.#env = env
    this.#timeoutMs = timeoutMs
  }

  get clusterId(): string | null {
    return this.#clusterId
  }

  get brokers(): readonly BrokerAddress[] {
    return [...this.#brokers.values()]
  }

  /**
   * Whom to ask for changes of topics: any broker forwards them under KRaft, only this one before.
   */
  async controller(): Promise<NodeId> {
    if (this.#env.clock.monotonic() - this.#readAtMs > ageMaxMs) await this.refresh()
    return this.#controller ?? this.#wire.anyNode()
  }

  /** What is cached, also when it is old. */
  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }

  /** Why a topic is not cached, where the broker refused it; a missing topic is no failure. */
  failure(name: string): StreamError | undefined {
    return this.#failures.get(name)
  }

  /** Name of a cached topic by its id. */
  nameOf(topicId: string): string | undefined {
    return this.#names.get(topicId)
  }

  /** Every partition of the cached topics. */
  partitions(): readonly TopicPartition[] {
    return Array.from(this.#topics.values()).flatMap(({ name: topic, partitions }) =>
      Array.from(partitions.keys(), (partition) => ({ topic, partition })),
    )
  }

  /** The cached leader; undefined when the partition is not cached or has none. */
  leader({ topic, partition }: TopicPartition): Leader | undefined {
    const found = this.#topics.get(topic)?.partitions[partition]
    if (found?.leader === undefined) return undefined
    return { node: found.leader, epoch: found.leaderEpoch }
  }

  /** The next question reads anew. */
  expire(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY
  }

  /**
   * These topics, from the cache if it is young enough. Topics that do not exist are not in the
   * answer.
   * @throws StreamError when the broker refuses one of them
   */
  async topics(names: readonly string[]): Promise<ReadonlyMap<string, TopicMetadata>> {
    const young = this.#env.clock.monotonic() - this.#readAtMs < ageMaxMs
    if (!young || names.some((name) => !this.#topics.has(name))) await this.refresh(names)
    return this.#cached(names)
  }

  /** As `topics`, never from the cache. @throws StreamError */
  readTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicMetadata>> {
    const rules = { doing: 'reading topics', timeoutMs: this.#timeoutMs }
    return this.#requests.retrying(rules, async () => {
      await this.refresh(names)
      return this.#cached(names)
    })
  }

  /** Names of all topics that this client may see; nothing of them is kept. */
  async names(): Promise<readonly string[]> {
    const doing = 'listing topics'
    return this.#requests.retrying({ doing, timeoutMs: this.#timeoutMs }, async (remainingMs) => {
      const answer = await this.#requests.send(metadataApi, {
        node: this.#wire.anyNode(),
        min: 1,
        message: { topics: null, allowAutoTopicCreation: false },
        timeoutMs: Math.min(remainingMs, attemptMs),
      })
      check(answer.errorCode, doing)
      return answer.topics.flatMap(({ name, errorCode }) =>
        name === null || errorCode === unknownTopic ? [] : [name],
      )
    })
  }

  #cached(names: readonly string[]): ReadonlyMap<string, TopicMetadata> {
    const found = new Map<string, TopicMetadata>()
    for (const name of names) {
      const failure = this.#failures.get(name)
      if (failure !== undefined) throw failure
      const topic = this.#topics.get(name)
      if (topic !== undefined) found.set(name, topic)
    }
    return found
  }

  /** The leader, waited for while there is none. @throws StreamError */
  leaderOf(at: TopicPartition, timeoutMs = this.#timeoutMs): Promise<Leader> {
    const doing = `finding the leader of ${at.topic}-${at.partition}`
    const rules = { doing, timeoutMs, refresh: () => this.expire() }
    return this.#requests.retrying(rules, async () => {
      const topic = (await this.topics([at.topic])).get(at.topic)
      if (topic?.partitions[at.partition] === undefined) {
        throw kafkaError(unknownTopic, { doing, where: at })
      }
      const leader = this.leader(at)
      if (leader === undefined) throw kafkaError(leaderNotAvailable, { doing, where: at })
      return leader
    })
  }

  /** Makes sure that a node named by somebody else (a coordinator) can be reached. */
  async knows(node: NodeId): Promise<boolean> {
    if (!this.#brokers.has(node)) await this.refresh([])
    return this.#brokers.has(node)
  }

  /**
   * Reads metadata of these topics and of all that were asked for before, now. A topic that the
   * broker refuses does not fail it: see `failure`.
   */
  async refresh(names: readonly string[] = []): Promise<void> {
    const running = this.#reading
    if (running !== undefined && names.every((name) => running.names.has(name))) {
      return running.done
    }
    const wanted = new Set([...this.#topics.keys(), ...names])
    const reading = { names: wanted, done: this.#read([...wanted]) }
    this.#reading = reading
    try {
      await reading.done
    } finally {
      if (this.#reading === reading) this.#reading = undefined
    }
  }

  #read(names: readonly string[]): Promise<void> {
    const doing = 'reading metadata'
    return this.#requests.retrying({ doing, timeoutMs: this.#timeoutMs }, async (remainingMs) => {
      const answer = await this.#requests.send(metadataApi, {
        node: this.#wire.anyNode(),
        min: 1,
        message: {
          topics: names.map((name) => ({ name, topicId: noTopicId })),
          allowAutoTopicCreation: false,
        },
        timeoutMs: Math.min(remainingMs, attemptMs),
      })
      check(answer.errorCode, doing)
      this.#take(answer, names)
    })
  }

  #take(answer: Answer, names: readonly string[]): void {
    const brokers = answer.brokers.map(({ nodeId: id, host, port, rack }) => {
      return { nodeId: nodeId(id), host, port, rack }
    })
    // A broker that has just started may not know of any yet, itself included.
    if (brokers.length > 0) {
      this.#brokers = new Map(brokers.map((broker) => [broker.nodeId, broker]))
      this.#wire.learn(brokers)
    }
    this.#clusterId = answer.clusterId
    this.#controller = answer.controllerId < 0 ? undefined : nodeId(answer.controllerId)
    for (const name of names) this.#forget(name)
    for (const topic of answer.topics) this.#takeTopic(topic)
    this.#readAtMs = this.#env.clock.monotonic()
  }

  #forget(name: string): void {
    const topicId = this.#topics.get(name)?.topicId
    if (topicId !== undefined && topicId !== null) this.#names.delete(topicId)
    this.#topics.delete(name)
    this.#failures.delete(name)
  }

  #takeTopic({ name, topicId, errorCode, partitions }: Answer['topics'][number]): void {
    if (name === null || errorCode === unknownTopic) return
    if (errorCode !== 0 && errorCode !== leaderNotAvailable) {
      const about = { doing: `reading metadata of topic ${name}`, where: { topic: name } }
      this.#failures.set(name, kafkaError(errorCode, about))
      return
    }
    const byNumber: PartitionMetadata[] = []
    for (const { partitionIndex, leaderId, leaderEpoch, replicaNodes } of partitions) {
      byNumber[partitionIndex] = {
        leader: leaderId < 0 ? undefined : nodeId(leaderId),
        leaderEpoch,
        replicas: replicaNodes.map(nodeId),
      }
    }
    const known = topicId === noTopicId ? null : topicId
    this.#topics.set(name, { name, topicId: known, partitions: byNumber })
    if (known !== null) this.#names.set(known, name)
  }
}

/** One attempt at another broker costs this much at most. */
const attemptMs = 5_000
