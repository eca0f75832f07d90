/** The state that all APIs share. Time and identities come from outside; nothing here waits. */
import { type NodeId, nodeId } from '../../model/ids.ts'
import { encodeResponse } from '../protocol/codec.ts'
import type { Decompress } from '../protocol/record-batch/compression.ts'
import type { Api, Encodable, Fields } from '../protocol/schema.ts'
import { code } from './codes.ts'
import type { Group } from './groups/group.ts'
import { Groups } from './groups/groups.ts'
import { OffsetsTopic } from './groups/offsets-topic.ts'
import { hash } from './ids.ts'
import { compact } from './log/compaction.ts'
import type { PartitionLog } from './log/partition-log.ts'
import type { Marker } from './log/producer-state.ts'
import type { BrokerOptions } from './options.ts'
import type { BrokerRequest } from './request.ts'
import { moveLeader, type Partition, type Topic, Topics } from './topics.ts'
import { TransactionCoordinator } from './transactions/coordinator.ts'
import { WaitingFetches } from './waiting-fetches.ts'

/** Where clients reach a node. */
export interface NodeAddress {
  readonly nodeId: NodeId
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export type CoordinatorKind = 'group' | 'transaction'

/** An answer to a request that was kept waiting. */
export interface LateAnswer {
  readonly request: BrokerRequest
  readonly api: Api
  readonly body: readonly Uint8Array[]
}

export class Cluster {
  readonly options: BrokerOptions
  readonly topics: Topics
  readonly groups: Groups
  readonly offsets: OffsetsTopic
  readonly transactions: TransactionCoordinator
  readonly fetches = new WaitingFetches()
  /** Undefined: compressed batches are stored and served, but not looked into. */
  readonly decompress: Decompress | undefined
  /** Milliseconds since 1970, as of the step under way. */
  nowMs = 0
  readonly #addresses = new Map<NodeId, NodeAddress>()
  /** Transactional ids that another node coordinates than it was first. */
  readonly #moved = new Map<string, NodeId>()
  readonly #changed = new Set<PartitionLog>()
  #late: LateAnswer[] = []

  constructor(options: BrokerOptions, decompress?: Decompress) {
    this.options = options
    this.decompress = decompress
    this.topics = new Topics(options.seed, options.messageBytesMax)
    this.groups = new Groups(options.seed)
    this.offsets = new OffsetsTopic(options.seed, (i) => nodeId((i % options.nodes) + 1))
    const { transactionTimeoutMsMax, markerDelayMs, markerSpreadMs } = options
    const ownAbortBumps = options.transactionVersion === 2
    this.transactions = new TransactionCoordinator(
      { transactionTimeoutMsMax, markerDelayMs, markerSpreadMs, ownAbortBumps },
      {
        writeMarker: ({ topic, partition }, producer, committed) => {
          const found = this.topics.get(topic)?.partitions[partition]
          // A partition that was deleted meanwhile needs no marker.
          if (found === undefined) return
          this.writeMarker(found, { ...producer, coordinatorEpoch: 0, committed })
        },
        endGroup: (group, producer, committed) => {
          const marker = { ...producer, coordinatorEpoch: 0, committed }
          this.endPositions(this.offsets.partitionOf(group), marker)
        },
      },
    )
    for (const id of this.nodeIds()) {
      this.#addresses.set(id, { nodeId: id, host: 'localhost', port: 9091 + id, rack: null })
    }
  }

  nodeIds(): readonly NodeId[] {
    return Array.from({ length: this.options.nodes }, (_, i) => nodeId(i + 1))
  }

  /** Where clients reach a node, as metadata tells them. */
  setAddress(address: NodeAddress): void {
    this.#addresses.set(address.nodeId, address)
  }

  addresses(): readonly NodeAddress[] {
    return [...this.#addresses.values()]
  }

  address(node: NodeId): NodeAddress {
    return this.#addresses.get(node) ?? { nodeId: node, host: '', port: -1, rack: null }
  }

  /** The first node is the controller. */
  get controller(): NodeId {
    return nodeId(1)
  }

  coordinator(kind: CoordinatorKind, key: string): NodeId {
    if (kind === 'group') return this.offsets.coordinator(key)
    return this.#moved.get(key) ?? nodeId((hash(key) % this.options.nodes) + 1)
  }

  /**
   * For tests: another node coordinates the key from now on; a group takes those along that share
   * its partition.
   */
  moveCoordinator(kind: CoordinatorKind, key: string, to: NodeId): void {
    if (kind === 'transaction') {
      this.#moved.set(key, to)
      return
    }
    this.offsets.move(key, to)
    for (const { id } of this.#groupsIn(this.offsets.partitionOf(key))) this.groups.moved(this, id)
  }

  /** For tests: another node leads the partition from now on. */
  moveLeader(topic: string, partition: number, to: NodeId): void {
    const found = this.topics.get(topic)?.partitions[partition]
    if (found === undefined) throw new RangeError(`no partition ${topic}-${partition}`)
    moveLeader(found, to)
    this.changed(found.log)
  }

  /** Compacts a partition as its topic is configured. */
  compact(topic: Topic, log: PartitionLog): void {
    compact(log, {
      nowMs: this.nowMs,
      deleteRetentionMs: topic.config.number('delete.retention.ms'),
      lagMs: topic.config.number('min.compaction.lag.ms'),
      decompress: this.decompress,
    })
  }

  deleteTopic(topic: Topic): void {
    this.topics.delete(topic)
    this.groups.forgetTopic(topic.name)
    // Readers hear of it at once.
    for (const { log } of topic.partitions) this.changed(log)
  }

  /** Ends a producer's transaction in a partition. */
  writeMarker({ log, leaderEpoch }: Partition, marker: Marker): void {
    log.appendMarker(marker, leaderEpoch, this.nowMs)
    this.changed(log)
  }

  /** Ends a producer's transaction in a partition of groups: its positions hold, or are dropped. */
  endPositions(offsetsPartition: number, marker: Marker): void {
    this.offsets.addMarker(offsetsPartition, marker, this.nowMs)
    for (const { offsets } of this.#groupsIn(offsetsPartition)) {
      offsets.end(marker.producerId, marker.committed)
    }
  }

  #groupsIn(offsetsPartition: number): readonly Group[] {
    return this.groups.all().filter(({ id }) => this.offsets.partitionOf(id) === offsetsPartition)
  }

  /** The partition if this node leads it, else the error that sends the client elsewhere. */
  led(
    topic: Topic | undefined,
    partition: number,
    request: BrokerRequest,
    leaderEpoch = -1,
  ): { readonly partition: Partition } | { readonly code: number } {
    const found = topic?.partitions[partition]
    if (found === undefined) return { code: code.unknownTopicOrPartition }
    if (found.leader !== request.node) return { code: code.notLeaderOrFollower }
    if (leaderEpoch < 0 || leaderEpoch === found.leaderEpoch) return { partition: found }
    const older = leaderEpoch < found.leaderEpoch
    return { code: older ? code.fencedLeaderEpoch : code.unknownLeaderEpoch }
  }

  /** Notes that readers of a partition may see more, or have to hear of a new leader. */
  changed(log: PartitionLog): void {
    this.#changed.add(log)
  }

  takeChanged(): readonly PartitionLog[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  /** Answers a request that was kept waiting. */
  respond<Q extends Fields, P extends Fields>(
    request: BrokerRequest,
    api: Api<Q, P>,
    message: Encodable<P>,
  ): void {
    this.#late.push({ request, api, body: encodeResponse(api, request.apiVersion, message) })
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    this.transactions.tick(nowMs)
    this.groups.tick(this)
    this.fetches.tick(nowMs)
  }

  nextDeadline(): number {
    const { transactions, groups, fetches } = this
    return Math.min(transactions.nextDeadline(), groups.nextDeadline(), fetches.nextDeadline())
  }

  takeLateAnswers(): readonly LateAnswer[] {
    const late = this.#late
    this.#late = []
    return late
  }
}
