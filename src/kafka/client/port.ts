/**
 * What the worker (and the tests) ask of the Kafka client. Built by `connectKafka` in `connect.ts`.
 */
import type { Generation, TopicPartition } from '../../model/ids.ts'
import type { Output } from '../../model/output.ts'
import type { RecordBatch } from '../../model/record.ts'

/** What the cluster can do; chosen once at connect. */
export interface Capabilities {
  /**
   * 2: KIP-890, the broker adds partitions and bumps the epoch at each EndTxn. 1: the older
   * protocol.
   */
  readonly transactionProtocol: 1 | 2
  readonly clusterId: string | null
}

export interface KafkaClient {
  readonly capabilities: Capabilities
  readonly admin: Admin
  fetcher(options: FetcherOptions): Fetcher
  producer(options: ProducerOptions): TransactionalProducer
  member(options: MemberOptions): GroupMember
  close(): Promise<void>
}

export interface FetcherOptions {
  readonly isolation: 'read_committed' | 'read_uncommitted'
  /** How long a broker may hold a fetch that has nothing to return yet (milliseconds). */
  readonly waitMs: number
  /**
   * The first moment (monotonic) after this one at which the reader wants what is there; undefined:
   * none is known. Holds then end just before it, and may be up to a quarter longer than `waitMs`.
   */
  readonly wantedAfter?: (ms: number) => number | undefined
  readonly bytesMin: number
  readonly bytesMax: number
  readonly partitionBytesMax: number
  /** Fetched and not yet polled bytes, above which no further fetch goes out. */
  readonly bufferBytesMax: number
  /** The lane to use: restore has its own. */
  readonly lane: 'fetch' | 'restore'
}

/**
 * What a poll hands over: batches of one partition, in order; control batches and aborted ones are
 * gone.
 */
export interface FetchedBatches {
  readonly topic: string
  readonly partition: number
  readonly batches: readonly RecordBatch[]
  /** Where reading goes on after these batches: past control records and whatever was skipped. */
  readonly nextOffset: number
  readonly nextLeaderEpoch: number
  /** End of what the isolation level lets through, as of this fetch: LSO or high watermark. */
  readonly endOffset: number
}

export type FetchProblem =
  | { readonly kind: 'offset-out-of-range'; readonly at: number; readonly logStart: number }
  | { readonly kind: 'truncated'; readonly at: number; readonly truncatedTo: number }
  /** The topic was deleted and made again: the position belongs to the one before. */
  | { readonly kind: 'topic-recreated'; readonly at: number }
  | { readonly kind: 'failed'; readonly error: Error }

export interface Fetcher {
  /** Starts reading a partition at an offset; one that is read already is moved there. */
  assign(partition: TopicPartition, offset: number, leaderEpoch?: number): void
  /** Stops reading it; what was fetched is dropped. */
  remove(partition: TopicPartition): void
  /**
   * Stops handing over and fetching; the position stays, what was fetched is kept and comes first
   * after resume.
   */
  pause(partition: TopicPartition): void
  resume(partition: TopicPartition): void
  /**
   * What is there now, without waiting, up to about `bytesMax`; a partition that is partly drained
   * comes first next time.
   */
  poll(bytesMax: number): readonly FetchedBatches[]
  /** Resolves when poll would return something, a problem is there, or the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>
  /** Whether an answer that was to be here by this moment (see `wantedAfter`) is still to come. */
  awaits(byMs: number): boolean
  /** The end offset last seen for the isolation level; undefined before the first answer. */
  endOffset(partition: TopicPartition): number | undefined
  /**
   * Problems since the last call, by partition; the partition is paused until it is assigned again.
   */
  problems(): readonly (TopicPartition & { readonly problem: FetchProblem })[]
  close(): Promise<void>
}

export interface ProducerOptions {
  readonly transactionalId: string
  /** Whose positions the transactions carry; null: none. */
  readonly groupId: string | null
  readonly transactionTimeoutMs: number
  /** A batch, a send and all their retries end within this time. */
  readonly deliveryTimeoutMs: number
  readonly compression: 'none' | 'gzip' | 'lz4' | 'zstd'
  /** Uncompressed bytes of one batch at most; the topic's `max.message.bytes` has to allow it. */
  readonly batchBytesMax: number
}

/** How a step of a transaction ended. */
export type StepOutcome =
  | { readonly kind: 'ok' }
  /** Another producer has the id, or the group moved on: everything staged is lost to us. */
  | { readonly kind: 'fenced'; readonly error: Error }
  /** The transaction can only be aborted; then the epoch is done again. */
  | { readonly kind: 'abort'; readonly error: Error }
  /** The answer is missing and asking again did not settle it within the delivery time-out. */
  | { readonly kind: 'unknown'; readonly error: Error }
  | { readonly kind: 'fatal'; readonly error: Error }

/** The output of one epoch, no longer written to. */
export interface SealedOutput {
  readonly records: number
  readonly bytes: number
  /** Last offset + 1 by changelog partition is known only after a successful send. */
  readonly partitions: readonly TopicPartition[]
}

export interface CommittedPosition extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

export interface GroupIdentity {
  readonly groupId: string
  readonly memberId: string
  readonly instanceId: string | null
  readonly generation: Generation
}

/**
 * One transactional id: at most one transaction at a time, while the next epoch's output is
 * collected in memory.
 */
export interface TransactionalProducer {
  /** The open epoch's memory: tasks write here. */
  readonly output: Output & { readonly bytes: number; readonly records: number }
  /**
   * InitProducerId: fences a predecessor and aborts what it left; then ends what the cluster left
   * hanging. Also the way back after `unknown` and `abort`.
   */
  initialise(): Promise<StepOutcome>
  /** Closes the open epoch's memory and opens the next. */
  seal(): SealedOutput
  /** Forgets the open epoch's memory. */
  discard(): void
  /**
   * Writes a sealed epoch and its positions in one transaction, and commits. Resolves when the
   * outcome is known, or is `unknown` after everything that could settle it was tried. On `ok` the
   * ends say which offset each written partition reached (one past the last record).
   */
  commit(
    sealed: SealedOutput,
    positions: readonly CommittedPosition[],
    group: GroupIdentity,
  ): Promise<CommitOutcome>
  close(): Promise<void>
}

export type CommitOutcome =
  | { readonly kind: 'ok'; readonly ends: ReadonlyMap<string, number> }
  | Exclude<StepOutcome, { readonly kind: 'ok' }>

export interface MemberOptions {
  readonly groupId: string
  /**
   * Static membership: the same id after a restart takes over without a rebalance. Null: dynamic.
   */
  readonly instanceId: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly protocolName: string
  readonly topics: () => readonly string[]
  /** What this member says of itself at each join. */
  readonly subscription: () => Uint8Array
  /** Run by the leader: the members' own bytes in, an assignment for each member out. */
  readonly assign: (members: readonly MemberSubscription[]) => ReadonlyMap<string, MemberAssignment>
  /**
   * Called before each rejoin, awaited, while the old generation may still commit: everything in
   * flight that the member may lose is committed here. From its end until the next `onAssigned`
   * there is no identity, so nothing can be committed; processing may go on. When it takes longer
   * than the rebalance time-out, the membership is lost.
   */
  readonly onRejoin: () => Promise<void>
  /**
   * The member's assignment for a generation. Awaited before the next `onRejoin`; heart-beats go
   * out meanwhile. A hook that rejects ends the membership: the member leaves, `onFatal` has the
   * error.
   */
  readonly onAssigned: (assignment: Uint8Array, identity: GroupIdentity) => Promise<void>
  /**
   * The member was expelled or fenced, or its session ended unanswered: whatever it owned belongs
   * to others by now. Awaited before the member joins again, so that it claims nothing that it
   * lost. May come while another hook still runs; what that one resolves to counts no more.
   */
  readonly onLost: (error: Error) => Promise<void>
  /** Membership cannot go on (no authorisation, an inconsistent protocol, an unknown code). */
  readonly onFatal: (error: Error) => void
}

export interface MemberSubscription {
  readonly memberId: string
  readonly instanceId: string | null
  readonly subscription: Uint8Array
}

export interface MemberAssignment {
  /** What the member gets in `onAssigned`. */
  readonly assignment: Uint8Array
  /** What Kafka's own tools show as the member's partitions. */
  readonly partitions: readonly TopicPartition[]
}

export interface GroupMember {
  /** Joins and stays a member, in the background, until `leave` or `close`. */
  start(): void
  /**
   * The identity for commits. Undefined while nothing may be committed: before the first
   * assignment, between `onRejoin` and `onAssigned`, after a loss, and when the session has ended
   * by the clock.
   */
  identity(): GroupIdentity | undefined
  /** Asks for a new round, because the subscription or ownership changed. */
  rejoin(reason: string): void
  /**
   * Somebody else is about to join again: beats often, so that the new round, for which the group
   * waits for everybody, is seen at once and not an interval later. Ends with the round, or after
   * 10 s.
   */
  expectRound(): void
  /** Leaves the group, also as a static member, and stops. */
  leave(): Promise<void>
  /** Stops without leaving: a static member that will be back. */
  close(): Promise<void>
}

export interface TopicDescription {
  readonly name: string
  readonly partitions: number
  readonly topicId: string | null
}

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** −1: the broker's default. */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

export interface Admin {
  /** Only topics that exist are in the answer. */
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>
  /** Names of all topics. */
  topicNames(): Promise<readonly string[]>
  topicConfigs(name: string): Promise<ReadonlyMap<string, string | null>>
  /** A topic that exists already is not an error; whether it fits is the caller's check. */
  createTopics(topics: readonly NewTopic[]): Promise<void>
  deleteTopics(names: readonly string[]): Promise<void>
  /** Purges up to, not including, the offsets. */
  deleteRecords(upTo: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>
  listOffsets(
    partitions: readonly TopicPartition[],
    at: 'earliest' | 'latest' | { readonly timestamp: number },
    isolation: 'read_committed' | 'read_uncommitted',
  ): Promise<ReadonlyMap<string, number>>
  /**
   * Stable positions of a group: waits while a transaction on them is pending. Absent: nothing was
   * committed.
   */
  committedOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyMap<string, CommittedPosition>>
  /**
   * Bumps the epochs of somebody else's transactional ids and thereby aborts what they left open;
   * ends what the cluster left hanging of them.
   * @param groupId Whose positions their transactions carry.
   */
  fenceProducers(transactionalIds: readonly string[], groupId: string): Promise<void>
  /**
   * Ids with this prefix that have an open transaction; none where the broker cannot tell (< 3.0).
   */
  openTransactions(prefix: string): Promise<readonly string[]>
  /** Undefined while the group has no settled generation. */
  groupMembers(groupId: string): Promise<readonly GroupMemberData[] | undefined>
  /**
   * Forgets a group without members, with its positions; one that does not exist is no error.
   * @throws StreamError `KAFKA_NON_EMPTY_GROUP`
   */
  deleteGroup(groupId: string): Promise<void>
  /** Commits positions of a group without members. */
  commitPositions(
    groupId: string,
    positions: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<void>
}

/** What a member told its group and was told, without what Kafka puts around it. */
export interface GroupMemberData {
  readonly memberId: string
  readonly subscription: Uint8Array
  readonly assignment: Uint8Array
}
