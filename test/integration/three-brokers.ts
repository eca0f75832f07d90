/** An Apache Kafka of three brokers, in which a test chooses what lies where, and moves it. */
import type { Admin } from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import type { RunningKafka } from '../../cluster/kafka.ts'
import { launchKafka } from '../../cluster/launch.ts'
import { kafkaOf } from '../../demo/load.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { check } from '../../src/kafka/client/failure.ts'
import { createTopics, metadata } from '../../src/kafka/protocol/messages/index.ts'
import { offsetsPartition } from '../../src/kafka/protocol/offsets-topic.ts'
import { nodeId } from '../../src/model/ids.ts'
import { type ContractBroker, contractBroker, type TestClient } from '../contract/brokers.ts'
import { quietEnv } from '../quiet-env.ts'

/** A loaded machine may need this long for what takes a few seconds. */
const patienceMs = 90_000
const nodes = [1, 2, 3] as const
const coordinatedBy = { group: '__consumer_offsets', transaction: '__transaction_state' } as const
const coordinating = Object.values(coordinatedBy)

export interface Place {
  readonly topic: string
  readonly partition: number
  /** −1: none. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

/** All brokers, the given one first: replicas of a partition that it leads. */
export function ledBy(node: number): readonly number[] {
  return [node, ...nodes.filter((other) => other !== node)]
}

export class ThreeBrokers {
  /** What rows of contracts take. Clients of it are closed by `clear`. */
  readonly broker: ContractBroker
  readonly #kafka: RunningKafka
  readonly #closers: (() => Promise<void> | void)[]
  readonly #client: TestClient
  readonly #admin: Admin
  /** Replicas that were asked for, of the topics that were placed. */
  readonly #placed = new Map<string, readonly (readonly number[])[]>()
  readonly #down = new Set<number>()
  #places: readonly Place[] = []

  private constructor(
    kafka: RunningKafka,
    broker: ContractBroker,
    closers: (() => Promise<void> | void)[],
    client: TestClient,
  ) {
    this.#kafka = kafka
    this.broker = broker
    this.#closers = closers
    this.#client = client
    this.#admin = kafkaOf(kafka.brokers).admin()
  }

  static async launch(): Promise<ThreeBrokers> {
    const launch = await launchKafka({ force: 'java', brokers: nodes.length })
    if (launch.kind === 'none') throw new Error(launch.reason)
    const { kafka } = launch
    const closers: (() => Promise<void> | void)[] = []
    const wire = () => kafkajsWire({ brokers: kafka.brokers.split(',') }, quietEnv)
    const broker = contractBroker('real', wire, closers)
    const client = await broker.connect({ requestTimeoutMs: patienceMs })
    // It outlives the rows.
    closers.length = 0
    const cluster = new ThreeBrokers(kafka, broker, closers, client)
    // Their topics are made at the first question.
    await client.coordinators.of('group', 'any')
    await client.coordinators.of('transaction', 'any')
    await cluster.#admin.connect()
    await cluster.whole()
    return cluster
  }

  /** Closes the clients of a row. */
  async clear(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close()
  }

  async stop(): Promise<void> {
    await this.clear()
    await this.#client.close()
    await this.#admin.disconnect().catch(() => undefined)
    await this.#kafka.stop()
  }

  /** Two brokers, each of which coordinates groups and transactions. */
  coordinators(): readonly [number, number] {
    const [one, other] = nodes.filter((node) =>
      coordinating.every((name) => this.#coordinatedBy(name).includes(node)),
    )
    if (one === undefined || other === undefined) throw new Error('only one broker coordinates')
    return [one, other]
  }

  /** A new name that the node coordinates. */
  name(kind: 'group' | 'transaction', node: number): string {
    const leaders = this.#coordinatedBy(coordinatedBy[kind])
    for (;;) {
      const name = this.broker.unique(kind)
      if (leaders[offsetsPartition(name, leaders.length)] === node) return name
    }
  }

  /** A topic with these replicas of each partition, the leader first. */
  async topic(
    replicas: readonly (readonly number[])[],
    configs: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { requests, wire, admin } = this.#client
    const name = this.broker.unique('placed')
    const assignments = replicas.map((brokers, partitionIndex) => {
      return { partitionIndex, brokerIds: brokers }
    })
    const created = {
      name,
      numPartitions: -1,
      replicationFactor: -1,
      assignments,
      configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
    }
    const doing = 'creating a topic'
    await requests.retrying({ doing, timeoutMs: patienceMs }, async (timeoutMs) => {
      const message = { topics: [created], timeoutMs, validateOnly: false }
      const answer = await requests.send(createTopics, { node: wire.anyNode(), message, timeoutMs })
      const alreadyExists = 36
      const code = answer.topics[0]?.errorCode ?? -1
      if (code !== alreadyExists) check(code, doing)
    })
    const all = replicas.map((_, partition) => ({ topic: name, partition }))
    await admin.listOffsets(all, 'latest', 'read_uncommitted')
    this.#placed.set(name, replicas)
    return name
  }

  /**
   * Everything that the node leads and another one can lead is led by others when this resolves.
   */
  async move(node: number, how: 'reassigned' | 'killed'): Promise<void> {
    if (how === 'killed') await this.kill(node)
    else await this.#reassign((place) => place.leader === node && place.replicas.length > 1, node)
    await this.#until(({ leader }) => leader !== node)
  }

  async kill(node: number): Promise<void> {
    this.#down.add(node)
    await this.#kafka.nodes.find(({ id }) => id === node)?.kill()
  }

  async start(node: number): Promise<void> {
    await this.#kafka.nodes.find(({ id }) => id === node)?.start()
    this.#down.delete(node)
  }

  /** Resolves when a broker knows that a partition has no leader. */
  async leaderless(topic: string, partition: number, node: number): Promise<void> {
    await eventually(async () => {
      const places = await this.#read(node)
      const found = places.find((place) => place.topic === topic && place.partition === partition)
      if (found?.leader !== -1) throw new Error(`${topic}-${partition} has a leader`)
    }, patienceMs)
  }

  /** Starts what is down, and waits until every partition has all its replicas in sync. */
  async whole(): Promise<void> {
    await Promise.all(Array.from(this.#down, (node) => this.start(node)))
    await this.#reassign((place) => place.replicas.length < this.#wanted(place), undefined)
    await this.#until((place) => {
      return place.leader >= 0 && place.inSync.length === this.#wanted(place)
    })
  }

  #wanted({ topic, partition }: Place): number {
    return this.#placed.get(topic)?.[partition]?.length ?? nodes.length
  }

  /** Leaders by partition number. */
  #coordinatedBy(topic: string): readonly number[] {
    return this.#places
      .filter((place) => place.topic === topic)
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ leader }) => leader)
  }

  /** Replicas on all brokers but one, which thereby leads nothing of it any more. */
  async #reassign(chosen: (place: Place) => boolean, without: number | undefined): Promise<void> {
    const byTopic = new Map<string, { partition: number; replicas: number[] }[]>()
    for (const { topic, partition, leader } of (await this.#read()).filter(chosen)) {
      const replicas = ledBy(leader).filter((node) => node !== without)
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), { partition, replicas }])
    }
    if (byTopic.size === 0) return
    const topics = Array.from(byTopic, ([topic, partitionAssignment]) => {
      return { topic, partitionAssignment }
    })
    await this.#admin.alterPartitionReassignments({ topics })
  }

  async #until(isSo: (place: Place) => boolean): Promise<void> {
    await eventually(async () => {
      this.#places = await this.#read()
      const wrong = this.#places.filter((place) => !isSo(place))
      if (wrong.length > 0) throw new Error(`still waiting for ${JSON.stringify(wrong)}`)
    }, patienceMs)
  }

  async #read(node?: number): Promise<readonly Place[]> {
    const { requests, wire } = this.#client
    const names = [...coordinating, ...this.#placed.keys()]
    const rules = { doing: 'reading places', timeoutMs: patienceMs }
    const { topics } = await requests.retrying(rules, () =>
      requests.send(metadata, {
        node: node === undefined ? wire.anyNode() : nodeId(node),
        min: 1,
        message: {
          topics: names.map((name) => ({ name, topicId: '0'.repeat(32) })),
          allowAutoTopicCreation: false,
        },
        timeoutMs: 5_000,
      }),
    )
    return topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
        topic: name ?? '',
        partition: partitionIndex,
        leader: leaderId,
        replicas: replicaNodes,
        inSync: isrNodes,
      })),
    )
  }
}
