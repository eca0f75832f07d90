import { fetch } from '../../protocol/messages/index.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { BrokerRequest } from '../request.ts'
import type { Partition, Topic } from '../topics.ts'

type FetchRequest = Decoded<typeof fetch.request>
type FetchAnswer = Encodable<typeof fetch.response>
type TopicRequest = FetchRequest['topics'][number]
type PartitionRequest = TopicRequest['partitions'][number]
type PartitionAnswer = FetchAnswer['responses'][number]['partitions'][number]

/**
 * Sessions (KIP-227) are not kept: session id 0 in the answer tells clients to send full requests.
 */
export const fetchApi = handler(fetch, (cluster, message, request) => {
  if (message.sessionId !== 0 && message.sessionEpoch > 0) {
    return { answer: { throttleTimeMs: 0, errorCode: code.fetchSessionIdNotFound, responses: [] } }
  }
  const first = new FetchAttempt(cluster, message, request)
  if (first.enough || message.maxWaitMs <= 0) return { answer: first.answer }
  cluster.fetches.add({
    request,
    deadlineMs: cluster.nowMs + message.maxWaitMs,
    reads: first.reads,
    attempt(due) {
      const next = new FetchAttempt(cluster, message, request)
      if (!due && !next.enough) return false
      cluster.respond(request, fetch, next.answer)
      return true
    },
  })
  return 'later'
})

class FetchAttempt {
  readonly answer: FetchAnswer
  readonly reads = new Set<PartitionLog>()
  readonly #cluster: Cluster
  readonly #message: FetchRequest
  readonly #request: BrokerRequest
  #bytesLeft: number
  #bytes = 0
  #refused = false

  constructor(cluster: Cluster, message: FetchRequest, request: BrokerRequest) {
    this.#cluster = cluster
    this.#message = message
    this.#request = request
    this.#bytesLeft = Math.min(message.maxBytes, cluster.options.fetchBytesMax)
    const responses = message.topics.map((topic) => this.#topic(topic))
    this.answer = { throttleTimeMs: 0, errorCode: 0, responses }
  }

  /** An error is told at once, as are `minBytes`. */
  get enough(): boolean {
    return this.#refused || this.#bytes >= this.#message.minBytes || this.reads.size === 0
  }

  #topic(asked: TopicRequest): FetchAnswer['responses'][number] {
    const topic = this.#cluster.topics.find(asked.topic, asked.topicId)
    const byId = this.#request.apiVersion >= 13
    const partitions = asked.partitions.map((partition) =>
      topic === undefined && byId
        ? this.#refuse(partition, code.unknownTopicId)
        : this.#partition(topic, partition),
    )
    return { topic: asked.topic, topicId: asked.topicId, partitions }
  }

  #partition(topic: Topic | undefined, asked: PartitionRequest): PartitionAnswer {
    const { partition: number, currentLeaderEpoch } = asked
    const led = this.#cluster.led(topic, number, this.#request, currentLeaderEpoch)
    if ('code' in led) return this.#refuse(asked, led.code, topic?.partitions[number])
    const { log } = led.partition
    if (asked.fetchOffset < log.startOffset || asked.fetchOffset > log.endOffset) {
      return this.#refuse(asked, code.offsetOutOfRange)
    }
    const diverging = divergence(log, asked)
    if (diverging?.epoch === -1) return this.#refuse(asked, code.offsetOutOfRange)
    if (diverging !== undefined) {
      this.#refused = true
      return { ...this.#bounds(asked, log), divergingEpoch: diverging, records: null }
    }
    this.reads.add(log)
    return this.#read(log, asked)
  }

  #read(log: PartitionLog, asked: PartitionRequest): PartitionAnswer {
    const from = asked.fetchOffset
    const committedOnly = this.#message.isolationLevel === 1
    const end = committedOnly ? log.lastStableOffset : log.endOffset
    const bytesMax = Math.min(asked.partitionMaxBytes, this.#bytesLeft)
    const slice = log.read(from, end, bytesMax, this.#bytes === 0)
    if (slice !== undefined) {
      this.#bytes += slice.records.length
      this.#bytesLeft -= slice.records.length
    }
    const aborted =
      slice === undefined || !committedOnly ? [] : log.abortedBetween(from, slice.nextOffset)
    return {
      ...this.#bounds(asked, log),
      abortedTransactions: committedOnly ? aborted : null,
      records: slice?.records ?? noRecords,
    }
  }

  #bounds({ partition }: PartitionRequest, log: PartitionLog) {
    return {
      partitionIndex: partition,
      errorCode: 0,
      highWatermark: log.endOffset,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.startOffset,
      abortedTransactions: null,
    }
  }

  #refuse({ partition }: PartitionRequest, errorCode: number, known?: Partition): PartitionAnswer {
    this.#refused = true
    const currentLeader =
      known === undefined ? {} : { leaderId: known.leader, leaderEpoch: known.leaderEpoch }
    return {
      partitionIndex: partition,
      errorCode,
      highWatermark: -1,
      abortedTransactions: unknown.includes(errorCode) ? [] : null,
      currentLeader,
      records: noRecords,
    }
  }
}

const noRecords = new Uint8Array(0)
/** Errors that Apache Kafka answers without having looked at the isolation level. */
const unknown: readonly number[] = [code.unknownTopicOrPartition, code.unknownTopicId]

/** Where the client's history left the log's, if it said which epoch it read last (KIP-595). */
function divergence(log: PartitionLog, asked: PartitionRequest) {
  if (asked.lastFetchedEpoch < 0) return undefined
  const end = log.epochs.endOf(asked.lastFetchedEpoch, log.endOffset)
  if (end.epoch >= asked.lastFetchedEpoch && end.endOffset >= asked.fetchOffset) return undefined
  return end
}
