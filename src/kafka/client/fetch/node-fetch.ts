/** Fetches from one broker, one after the other. */
import type { NodeId } from '../../../model/ids.ts'
import type { StreamError } from '../../../model/errors.ts'
import { assertNever } from '../../../model/errors.ts'
import { errorCode } from '../../protocol/error-codes.ts'
import { fetch } from '../../protocol/messages/index.ts'
import type { WireLane } from '../../wire.ts'
import type { ClientContext } from '../context.ts'
import { check, toStreamError } from '../failure.ts'
import type { FetcherOptions } from '../port.ts'
import { alignedHoldMs, Lag } from './alignment.ts'
import { backoffMs } from './backoff.ts'
import { Chunk } from './chunk.ts'
import type { Cursor } from './cursor.ts'
import type { LeaderLookUp } from './leader-look-up.ts'
import { endOffsetOf, type Outcome, outcomeOf } from './outcome.ts'
import { logStart, truncations } from './positions.ts'
import {
  answersByCursor,
  divergingEpochVersion,
  fetchRequest,
  fetchVersion,
  type FetchAnswer,
  type PartitionAnswer,
  topicIdOf,
  topicIdVersion,
} from './request.ts'

const doing = 'fetching'
/** Beyond what it may wait for records, a broker that lives answers a fetch within this time. */
const answerMs = 10_000

/**
 * While a partition is left out of a fetch because enough of it is buffered (or it was paused with
 * something buffered, which is back-pressure too), the broker must not hold the fetch for long: the
 * partition may be drained any moment.
 */
const heldWaitMs = 10
/**
 * A node that has nothing to tell is asked less and less often, but answers with the first byte.
 * Partitions that are assigned meanwhile may have to wait so long for their first fetch.
 */
const quietWaitMs = 200
/** What an answer is late by beyond this is no rule to go by. */
const lagMsMax = 10

const refusedIds = [errorCode('UNKNOWN_TOPIC_ID'), errorCode('INCONSISTENT_TOPIC_ID')]
const refusalsMin = 4

export class NodeFetch {
  readonly #node: NodeId
  readonly #context: ClientContext
  readonly #lane: WireLane
  readonly #options: FetcherOptions
  readonly #lookUp: LeaderLookUp
  readonly #random: () => number
  inFlight = false
  /** When the answer in flight is to be here, if that was tuned to when it is wanted. */
  expectedAtMs = Number.POSITIVE_INFINITY
  /** Moment (monotonic) before which the node is left alone: throttled, or not reached. */
  retryAtMs = 0
  #failures = 0
  /** Answers in a row that brought nothing. */
  #quiet = 0
  readonly #lag = new Lag(lagMsMax)

  constructor(
    node: NodeId,
    context: ClientContext,
    lane: WireLane,
    options: FetcherOptions,
    lookUp: LeaderLookUp,
  ) {
    this.#node = node
    this.#context = context
    this.#lane = lane
    this.#options = options
    this.#lookUp = lookUp
    this.#random = context.env.random(`fetch-backoff-${node}`)
  }

  /**
   * One fetch. Never rejects: failures are with the cursors, or make the node wait.
   * @param held Partitions are left out that may be drained any moment.
   */
  async run(cursors: readonly Cursor[], held: boolean): Promise<readonly Chunk[]> {
    this.inFlight = true
    for (const cursor of cursors) cursor.inFlight = true
    try {
      const chunks = await this.#fetch(cursors, held)
      this.#failures = 0
      return chunks
    } catch (error) {
      this.#failed(toStreamError(error, doing), cursors)
      return []
    } finally {
      this.inFlight = false
      this.expectedAtMs = Number.POSITIVE_INFINITY
      for (const cursor of cursors) cursor.inFlight = false
    }
  }

  async #fetch(cursors: readonly Cursor[], held: boolean): Promise<readonly Chunk[]> {
    const { wire, metadata, requests, requestTimeoutMs } = this.#context
    const table = await wire.apiVersions(this.#node)
    const version = fetchVersion(table, this.#node, cursors, metadata)
    if (version < divergingEpochVersion) await this.#validate(cursors)
    const asked = cursors.filter((cursor) => !cursor.gone && cursor.problem === undefined)
    if (asked.length === 0) return []
    const ids = new Map(asked.map((cursor) => [cursor, topicIdOf(cursor, metadata)]))
    const { clock } = this.#context.env
    const sentMs = clock.monotonic()
    const patience = this.#patience(held, sentMs)
    const answer = await requests.sendVersion(fetch, version, {
      node: this.#node,
      lane: this.#lane,
      message: fetchRequest(asked, metadata, this.#options, patience),
      timeoutMs: patience.waitMs + Math.min(requestTimeoutMs, answerMs),
    })
    const lateMs = clock.monotonic() - sentMs - patience.waitMs
    // Else enough was there before.
    if (lateMs >= 0) this.#lag.note(lateMs)
    this.retryAtMs = clock.monotonic() + answer.throttleTimeMs
    check(answer.errorCode, doing)
    const chunks = await this.#take(answer, ids, version >= topicIdVersion)
    this.#quiet = chunks.length > 0 ? 0 : this.#quiet + 1
    return chunks
  }

  /**
   * What the broker may wait for: a batch worth of bytes where records come, else the first one.
   */
  #patience(held: boolean, nowMs: number): { readonly waitMs: number; readonly bytesMin: number } {
    const { waitMs: usualMs, bytesMin, wantedAfter } = this.#options
    if (held) return { waitMs: Math.min(heldWaitMs, usualMs), bytesMin }
    if (this.#quiet > 0) {
      const doubled = usualMs * 2 ** Math.min(this.#quiet, 10)
      return { waitMs: Math.max(usualMs, Math.min(quietWaitMs, doubled)), bytesMin: 1 }
    }
    if (wantedAfter === undefined) return { waitMs: usualMs, bytesMin }
    const lagMs = this.#lag.ms
    const waitMs = alignedHoldMs({ usualMs, nowMs, lagMs, wantedAfter })
    this.expectedAtMs = nowMs + waitMs + lagMs
    return { waitMs, bytesMin }
  }

  /** An old broker is asked whether the log was truncated, once per cursor and leader. */
  async #validate(cursors: readonly Cursor[]): Promise<void> {
    const { metadata } = this.#context
    const doubtful = cursors.filter((cursor) => {
      const epoch = metadata.leader(cursor)?.epoch ?? -1
      return cursor.lastEpoch >= 0 && epoch >= 0 && epoch !== cursor.validatedEpoch
    })
    if (doubtful.length === 0) return
    const cut = await truncations(this.#context, this.#lane, this.#node, doubtful)
    for (const cursor of doubtful) {
      cursor.validatedEpoch = metadata.leader(cursor)?.epoch
      const truncatedTo = cut.get(cursor)
      if (truncatedTo === undefined) continue
      cursor.problem = { kind: 'truncated', at: cursor.fetchOffset, truncatedTo }
    }
  }

  async #take(
    answer: FetchAnswer,
    ids: ReadonlyMap<Cursor, string>,
    byId: boolean,
  ): Promise<readonly Chunk[]> {
    const answers = answersByCursor(answer, ids)
    const chunks: Chunk[] = []
    for (const [cursor, id] of ids) {
      if (cursor.gone) continue
      const one = answers.get(cursor)
      if (byId && one?.errorCode === 0) cursor.topicId = id
      const chunk = one === undefined ? undefined : await this.#takeOne(cursor, one)
      if (one === undefined) this.#again(cursor, true)
      if (chunk !== undefined) chunks.push(chunk)
    }
    return chunks
  }

  async #takeOne(cursor: Cursor, answer: PartitionAnswer): Promise<Chunk | undefined> {
    const outcome = outcomeOf(answer, cursor)
    switch (outcome.kind) {
      case 'records':
      case 'nothing':
        return this.#takeRecords(cursor, answer, outcome)
      case 'out-of-range':
        await this.#outOfRange(cursor)
        return undefined
      case 'diverged':
        cursor.problem = {
          kind: 'truncated',
          at: cursor.fetchOffset,
          truncatedTo: Math.min(outcome.endOffset, cursor.fetchOffset),
        }
        return undefined
      case 'again':
        if (this.#isRecreated(cursor, answer)) {
          cursor.problem = { kind: 'topic-recreated', at: cursor.fetchOffset }
          return undefined
        }
        this.#log(outcome.error, cursor)
        this.#again(cursor, outcome.refresh)
        return undefined
      case 'failed':
        cursor.problem = { kind: 'failed', error: outcome.error }
        return undefined
      default:
        return assertNever(outcome)
    }
  }

  /**
   * Brokers hear of a new topic one after the other, and one that lags may know the topic before:
   * so it takes several refusals of the id by which reading went, with another one in metadata.
   */
  #isRecreated({ topic, topicId, failures }: Cursor, { errorCode }: PartitionAnswer): boolean {
    if (topicId === undefined || !refusedIds.includes(errorCode)) return false
    const present = this.#context.metadata.topic(topic)?.topicId ?? topicId
    return present !== topicId && failures >= refusalsMin
  }

  #takeRecords(
    cursor: Cursor,
    answer: PartitionAnswer,
    outcome: Extract<Outcome, { readonly kind: 'records' | 'nothing' }>,
  ): Chunk | undefined {
    const isFirst = cursor.endOffset === undefined
    const { isolation } = this.#options
    cursor.failures = 0
    cursor.endOffset = endOffsetOf(answer, isolation) ?? cursor.endOffset
    const [records, headers] =
      outcome.kind === 'records' ? [outcome.records, outcome.headers] : [noBytes, []]
    const last = headers.at(-1)
    // The first answer is handed over also when it is empty: it tells that there is nothing.
    if (last === undefined && !isFirst) return undefined
    const aborted = isolation === 'read_committed' ? answer.abortedTransactions : undefined
    const chunk = new Chunk(cursor, records, headers, aborted)
    if (last !== undefined) {
      cursor.fetchOffset = last.lastOffset + 1
      cursor.lastEpoch = last.leaderEpoch
    }
    return chunk
  }

  async #outOfRange(cursor: Cursor): Promise<void> {
    try {
      const start = await logStart(this.#context, this.#lane, this.#node, cursor)
      cursor.problem = { kind: 'offset-out-of-range', at: cursor.fetchOffset, logStart: start }
    } catch (error) {
      this.#log(toStreamError(error, doing), cursor)
      this.#again(cursor, true)
    }
  }

  #again(cursor: Cursor, refresh: boolean): void {
    this.#lookUp.backOff(cursor)
    if (refresh) this.#lookUp.want(cursor)
  }

  /** The node did not answer, or not to this: its partitions may have moved. */
  #failed(error: StreamError, cursors: readonly Cursor[]): void {
    const { recovery } = error
    if (cursors.every((cursor) => cursor.gone)) return
    if (recovery !== 'retry' && recovery !== 'refresh' && recovery !== 'unknown-outcome') {
      for (const cursor of cursors) cursor.problem ??= { kind: 'failed', error }
      return
    }
    this.#failures++
    const pauseMs = backoffMs(this.#failures, this.#random)
    this.retryAtMs = this.#context.env.clock.monotonic() + pauseMs
    for (const cursor of cursors) if (!cursor.gone) this.#lookUp.want(cursor)
    const { logger } = this.#context.env
    const fields = { node: this.#node, code: error.code, error: error.message }
    // A broker that stays away is told once, then at every tenth attempt.
    if (this.#failures % 10 === 1) logger.warn(fields, 'fetch failed')
    else logger.debug(fields, 'fetch failed')
  }

  #log(error: StreamError, { topic, partition, failures }: Cursor): void {
    const { logger } = this.#context.env
    const fields = { topic, partition, node: this.#node, code: error.code, error: error.message }
    // An election is ordinary; what lasts is told louder.
    if (failures < 5) logger.debug(fields, 'fetch is tried again')
    else logger.warn(fields, 'fetch is tried again')
  }
}

const noBytes = new Uint8Array(0)
