/**
 * The transaction coordinator, with the rules of Apache Kafka's TransactionCoordinator: producer
 * ids and epochs, what belongs to a transaction, its end, and its time-out.
 */
import { code } from '../codes.ts'
import { type EndRequest, judgeEnd } from './end-rules.ts'
import {
  isExhausted,
  type ProducerIdentity,
  TransactionalId,
  type TransactionPartition,
} from './transactional-id.ts'

export interface Identified extends ProducerIdentity {
  readonly code: number
}

/** What the coordinator has others do. */
export interface MarkerWriter {
  /** Ends the producer's transaction in a partition's log. */
  writeMarker(partition: TransactionPartition, producer: ProducerIdentity, committed: boolean): void
  /** Turns the producer's pending positions of a group into committed ones, or drops them. */
  endGroup(group: string, producer: ProducerIdentity, committed: boolean): void
}

export interface CoordinatorLimits {
  readonly transactionTimeoutMsMax: number
  readonly markerDelayMs: number
  /** Between the markers of one transaction. */
  readonly markerSpreadMs: number
  /** Whether the cluster's own aborts count as protocol 2's, so that the fenced owner may ask. */
  readonly ownAbortBumps: boolean
}

const nobody: ProducerIdentity = { producerId: -1, producerEpoch: -1 }

export class TransactionCoordinator {
  readonly #limits: CoordinatorLimits
  readonly #markers: MarkerWriter
  readonly #ids = new Map<string, TransactionalId>()
  #producerIds = 0
  #markersToLose = 0

  constructor(limits: CoordinatorLimits, markers: MarkerWriter) {
    this.#limits = limits
    this.#markers = markers
  }

  get(id: string): TransactionalId | undefined {
    return this.#ids.get(id)
  }

  all(): readonly TransactionalId[] {
    return [...this.#ids.values()]
  }

  /**
   * For tests: the next transactions that end do so here alone, and stay open where they wrote. So
   * does a real coordinator that meets partitions without a leader while its node comes back: it
   * takes them for deleted.
   */
  loseMarkers(count: number): void {
    this.#markersToLose += count
  }

  newProducerId(): number {
    return this.#producerIds++
  }

  /** InitProducerId. `expected`: the caller's own identity, if it says that it has one. */
  initialise(
    id: string,
    timeoutMs: number,
    expected: ProducerIdentity | undefined,
    nowMs: number,
  ): Identified {
    if (id === '') return { ...nobody, code: code.invalidRequest }
    if (timeoutMs <= 0 || timeoutMs > this.#limits.transactionTimeoutMsMax) {
      return { ...nobody, code: code.invalidTransactionTimeout }
    }
    const transaction = this.#ids.get(id) ?? this.#create(id, timeoutMs)
    if (expected !== undefined && !mayContinue(transaction, expected)) {
      return { ...nobody, code: code.producerFenced }
    }
    if (transaction.prepared) return { ...nobody, code: code.concurrentTransactions }
    if (transaction.phase === 'Ongoing') {
      this.#fence(transaction, nowMs)
      // The caller asks again, and gets an epoch that nobody had.
      return { ...nobody, code: code.concurrentTransactions }
    }
    const problem = this.#bump(transaction, expected)
    if (problem !== code.none) return { ...nobody, code: problem }
    transaction.phase = 'Empty'
    transaction.timeoutMs = timeoutMs
    transaction.startMs = -1
    transaction.bumpedAtEnd = false
    const { producerId, producerEpoch } = transaction
    return { producerId, producerEpoch, code: code.none }
  }

  #create(id: string, timeoutMs: number): TransactionalId {
    const created = new TransactionalId(id, this.newProducerId(), timeoutMs)
    this.#ids.set(id, created)
    return created
  }

  #bump(transaction: TransactionalId, expected: ProducerIdentity | undefined): number {
    const { producerEpoch, lastProducerEpoch } = transaction
    if (transaction.exhausted && (expected?.producerEpoch ?? producerEpoch) === producerEpoch) {
      transaction.previousProducerId = transaction.producerId
      transaction.producerId = this.newProducerId()
      transaction.producerEpoch = 0
      transaction.lastProducerEpoch = expected === undefined ? -1 : producerEpoch
      return code.none
    }
    if (expected === undefined || producerEpoch === -1) {
      transaction.producerEpoch++
      transaction.lastProducerEpoch = -1
      return code.none
    }
    if (expected.producerEpoch === producerEpoch) {
      transaction.lastProducerEpoch = producerEpoch
      transaction.producerEpoch++
      return code.none
    }
    // The same request again, whose answer was lost: no further bump.
    return expected.producerEpoch === lastProducerEpoch ? code.none : code.producerFenced
  }

  /** Adds partitions, and begins the transaction if none is open. */
  add(
    id: string,
    producer: ProducerIdentity,
    partitions: readonly TransactionPartition[],
    nowMs: number,
  ): number {
    const transaction = this.#writable(id, producer)
    if (typeof transaction === 'number') return transaction
    transaction.begin(nowMs)
    for (const partition of partitions) transaction.add(partition)
    return code.none
  }

  /** Adds a group's positions. */
  addGroup(id: string, producer: ProducerIdentity, group: string, nowMs: number): number {
    const transaction = this.#writable(id, producer)
    if (typeof transaction === 'number') return transaction
    transaction.begin(nowMs)
    transaction.addGroup(group)
    return code.none
  }

  /** Whether the partition or group is in the producer's open transaction; changes nothing. */
  verify(id: string, producer: ProducerIdentity, part: TransactionPartition | string): number {
    const transaction = this.#writable(id, producer)
    if (typeof transaction === 'number') return transaction
    const known = typeof part === 'string' ? transaction.hasGroup(part) : transaction.has(part)
    return known ? code.none : code.transactionAbortable
  }

  #writable(id: string, producer: ProducerIdentity): TransactionalId | number {
    if (id === '') return code.invalidRequest
    const transaction = this.#ids.get(id)
    if (transaction === undefined || transaction.producerId !== producer.producerId) {
      return code.invalidProducerIdMapping
    }
    if (transaction.producerEpoch !== producer.producerEpoch) return code.producerFenced
    return transaction.prepared ? code.concurrentTransactions : transaction
  }

  end(id: string, request: EndRequest, nowMs: number): Identified {
    if (id === '') return { ...nobody, code: code.invalidRequest }
    const transaction = this.#ids.get(id)
    if (transaction === undefined) return { ...nobody, code: code.invalidProducerIdMapping }
    const verdict = judgeEnd(transaction, request)
    if (verdict.kind === 'refused') return { ...nobody, code: verdict.code }
    if (verdict.kind === 'end') this.#endByOwner(transaction, request, nowMs)
    const { producerId, producerEpoch, nextProducerId } = transaction
    return nextProducerId < 0
      ? { producerId, producerEpoch, code: code.none }
      : { producerId: nextProducerId, producerEpoch: 0, code: code.none }
  }

  /** Aborts an open transaction under an epoch that its owner does not have. */
  #fence(transaction: TransactionalId, nowMs: number): void {
    const { ownAbortBumps } = this.#limits
    transaction.lastProducerEpoch = ownAbortBumps ? transaction.producerEpoch : -1
    transaction.producerEpoch++
    transaction.bumpedAtEnd = ownAbortBumps
    this.#prepare(transaction, false, nowMs)
  }

  #endByOwner(transaction: TransactionalId, request: EndRequest, nowMs: number): void {
    transaction.bumpedAtEnd = request.bumps
    if (request.bumps) {
      if (transaction.exhausted) transaction.nextProducerId = this.newProducerId()
      transaction.lastProducerEpoch = transaction.producerEpoch
      transaction.producerEpoch++
    }
    this.#prepare(transaction, request.committed, nowMs)
  }

  #prepare(transaction: TransactionalId, committed: boolean, nowMs: number): void {
    transaction.phase = committed ? 'PrepareCommit' : 'PrepareAbort'
    transaction.markersAtMs = nowMs + this.#limits.markerDelayMs
    if (this.#limits.markerDelayMs === 0) this.#complete(transaction, nowMs)
  }

  #complete(transaction: TransactionalId, nowMs: number): void {
    const committed = transaction.phase === 'PrepareCommit'
    const { producerId } = transaction
    if (this.#markersToLose > 0) this.#markersToLose--
    else if (this.#limits.markerSpreadMs === 0) this.#writeMarkers(transaction, committed)
    else if (this.#writesNext(transaction, committed)) {
      transaction.markersAtMs = nowMs + this.#limits.markerSpreadMs
      return
    }
    transaction.forgetParts()
    transaction.phase = committed ? 'CompleteCommit' : 'CompleteAbort'
    transaction.markersAtMs = Number.POSITIVE_INFINITY
    if (transaction.nextProducerId < 0) return
    transaction.previousProducerId = producerId
    transaction.producerId = transaction.nextProducerId
    transaction.producerEpoch = 0
    transaction.nextProducerId = -1
  }

  #writeMarkers(transaction: TransactionalId, committed: boolean): void {
    const { producerId, producerEpoch, partitions, groups } = transaction
    const producer = { producerId, producerEpoch }
    for (const partition of partitions) this.#markers.writeMarker(partition, producer, committed)
    for (const group of groups) this.#markers.endGroup(group, producer, committed)
  }

  /** One marker; true while there are more. */
  #writesNext(transaction: TransactionalId, committed: boolean): boolean {
    const { producerId, producerEpoch, groups } = transaction
    const producer = { producerId, producerEpoch }
    if (groups.length > 0) {
      for (const group of groups) this.#markers.endGroup(group, producer, committed)
      transaction.forgetGroups()
    } else {
      const partition = transaction.takePartition()
      if (partition !== undefined) this.#markers.writeMarker(partition, producer, committed)
    }
    return transaction.partitions.length > 0
  }

  /** Writes due markers and aborts what has timed out. */
  tick(nowMs: number): void {
    for (const transaction of this.#ids.values()) {
      if (transaction.markersAtMs <= nowMs) this.#complete(transaction, nowMs)
      if (transaction.deadlineMs <= nowMs) this.#fence(transaction, nowMs)
    }
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY
    for (const transaction of this.#ids.values()) {
      next = Math.min(next, transaction.markersAtMs, transaction.deadlineMs)
    }
    return next
  }
}

/** Whether a producer that names its identity is the owner, or was before its epochs ran out. */
function mayContinue(transaction: TransactionalId, expected: ProducerIdentity): boolean {
  if (transaction.producerEpoch === -1) return true
  if (expected.producerId === transaction.producerId) return true
  const before = expected.producerId === transaction.previousProducerId
  return before && isExhausted(expected.producerEpoch)
}
