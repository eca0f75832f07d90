/** The Produce step: batches of an epoch to the leaders of their partitions, in sequence. */
import { assert, type StreamError } from '../../../model/errors.ts'
import type { NodeId, TopicPartition } from '../../../model/ids.ts'
import { kafkaError } from '../../protocol/error-codes.ts'
import { produce } from '../../protocol/messages/index.ts'
import type { RecordBatchBuilder } from '../../protocol/record-batch/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import { byTopic } from '../admin/by-leader.ts'
import { toStreamError } from '../failure.ts'
import { chooseVersion } from '../versions.ts'
import { decide, freshStep, type Next, type Reply } from './decision.ts'
import type { SealedPartition } from './epoch-output.ts'
import { lookBeforeWriting } from './new-connection.ts'
import {
  attemptMsMax,
  lostWith,
  outcomeOf,
  pauseBefore,
  type StepResult,
  type Stopped,
} from './step.ts'
import { tooLargeForBroker } from './too-large.ts'
import type { Transport } from './transport.ts'

/** Requests of one partition's batches in flight at once; brokers remember the last five. */
const pipelined = 4
/** A request is closed at this size; brokers take 100 MB (`socket.request.max.bytes`). */
const requestBytesMax = 16 * 1024 * 1024
const allReplicas = -1

interface Batch {
  readonly builder: RecordBatchBuilder
  readonly sequence: number
  baseOffset: number | undefined
}

/** One partition's batches and how far they were acknowledged. */
interface Work extends TopicPartition {
  readonly name: string
  readonly batches: readonly Batch[]
  acknowledged: number
  /** Of the first batch that is not acknowledged, in this attempt. */
  failure: Failure | undefined
}

interface Failure {
  readonly reply: Reply
  readonly error: StreamError
}

export interface Produced {
  /** One past the last record, by partition name. */
  readonly ends: ReadonlyMap<string, number>
}

export class BatchSender {
  readonly #transport: Transport
  readonly #works: readonly Work[]

  constructor(transport: Transport, partitions: readonly SealedPartition[]) {
    this.#transport = transport
    this.#works = partitions.map(({ topic, partition, name, batches }) => ({
      topic,
      partition,
      name,
      batches: batches.map((builder) => ({
        builder,
        sequence: transport.session.take(name, builder.count),
        baseOffset: undefined,
      })),
      acknowledged: 0,
      failure: undefined,
    }))
  }

  /** False while a batch may be on its way, or its sequence numbers were taken in vain. */
  get everyBatchAcknowledged(): boolean {
    return this.#works.every(({ acknowledged, batches }) => acknowledged === batches.length)
  }

  /** Sends until all is acknowledged or an answer ends the transaction. */
  async run(
    deadlineMs: number,
    ended: { readonly stopped: boolean },
  ): Promise<StepResult<Produced>> {
    const { pacing } = this.#transport
    const { clock, timers } = pacing.env
    for (let attempts = 0; ; attempts++) {
      const open = this.#works.filter((work) => work.acknowledged < work.batches.length)
      if (open.length === 0) return { kind: 'done', value: { ends: this.#ends() } }
      for (const work of open) work.failure = undefined
      const failed = await this.#attempt(open, deadlineMs)
      if (failed !== undefined) return failed
      const verdict = judge(open)
      if (verdict.kind === 'stop') return verdict
      const pauseMs = pauseBefore(verdict.next, attempts, pacing)
      if (verdict.error === undefined) continue
      const vain = ended.stopped || pacing.signal.aborted
      if (vain || clock.monotonic() + pauseMs >= deadlineMs) {
        return { kind: 'stop', outcome: 'abort', error: verdict.error }
      }
      if (verdict.refresh) this.#transport.context.metadata.expire()
      await timers.sleep(pauseMs, pacing.signal)
    }
  }

  #ends(): ReadonlyMap<string, number> {
    const ends = new Map<string, number>()
    for (const { name, batches } of this.#works) {
      const last = batches.at(-1)
      if (last?.baseOffset !== undefined) ends.set(name, last.baseOffset + last.builder.count)
    }
    return ends
  }

  /** Everything that was sent is settled when this resolves; failures are kept with the works. */
  async #attempt(open: readonly Work[], deadlineMs: number): Promise<Stopped | undefined> {
    let byNode: ReadonlyMap<NodeId, readonly Work[]>
    try {
      byNode = await this.#leaders(open, deadlineMs)
    } catch (thrown) {
      return undelivered(open, thrown)
    }
    const stops = await Promise.all(
      Array.from(byNode, ([node, works]) =>
        this.#sendTo(node, works, deadlineMs).then(
          () => undefined,
          (thrown: unknown) => undelivered(works, thrown),
        ),
      ),
    )
    return stops.find((stop) => stop !== undefined)
  }

  async #leaders(
    works: readonly Work[],
    deadlineMs: number,
  ): Promise<ReadonlyMap<NodeId, readonly Work[]>> {
    const { metadata } = this.#transport.context
    const byNode = new Map<NodeId, Work[]>()
    for (const work of works) {
      const { node } = await metadata.leaderOf(work, this.#remainingMs(deadlineMs))
      const present = byNode.get(node)
      if (present === undefined) byNode.set(node, [work])
      else present.push(work)
    }
    return byNode
  }

  #remainingMs(deadlineMs: number): number {
    return Math.max(1, Math.min(deadlineMs - this.#transport.nowMs(), attemptMsMax))
  }

  /**
   * The first batch of each partition is awaited: it makes the broker verify the transaction with
   * the coordinator, and what overtook a failed first would be out of order. Then several.
   */
  async #sendTo(node: NodeId, works: readonly Work[], deadlineMs: number): Promise<void> {
    await lookBeforeWriting(this.#transport, node, deadlineMs)
    const versions = await this.#transport.context.wire.apiVersions(node)
    const version = chooseVersion(produce, versions, node, this.#transport.limits.produce)
    let live = works
    for (let width = 1; live.length > 0; width = pipelined) {
      const rounds = Array.from({ length: width }, (_, ahead) => this.#rounds(live, ahead)).flat()
      const timeoutMs = this.#remainingMs(deadlineMs)
      await Promise.all(rounds.map((round) => this.#produce(node, version, round, timeoutMs)))
      live = live.filter((work) => {
        return work.failure === undefined && work.acknowledged < work.batches.length
      })
    }
  }

  /** Requests with the batch that is `ahead` of the first unacknowledged one of each partition. */
  #rounds(works: readonly Work[], ahead: number): readonly (readonly Sending[])[] {
    const rounds: Sending[][] = []
    let bytes = requestBytesMax
    for (const work of works) {
      const index = work.acknowledged + ahead
      const batch = work.batches[index]
      if (batch === undefined) continue
      bytes += batch.builder.sizeBytes
      if (bytes > requestBytesMax) {
        rounds.push([])
        bytes = batch.builder.sizeBytes
      }
      rounds.at(-1)?.push({ topic: work.topic, partition: work.partition, work, batch, index })
    }
    return rounds
  }

  async #produce(
    node: NodeId,
    version: number,
    round: readonly Sending[],
    timeoutMs: number,
  ): Promise<void> {
    const { context, options, lane } = this.#transport
    try {
      const answer = await context.requests.sendVersion(produce, version, {
        node,
        lane,
        timeoutMs,
        message: {
          transactionalId: options.transactionalId,
          acks: allReplicas,
          timeoutMs,
          topicData: byTopic(round).map(({ name, partitions }) => ({
            name,
            partitionData: partitions.map(({ partition, batch }) => ({
              index: partition,
              records: this.#finish(batch),
            })),
          })),
        },
      })
      this.#acknowledge(round, answer)
    } catch (thrown) {
      const works = round.map(({ work }) => work)
      if (undelivered(works, thrown) !== undefined) throw thrown
    }
  }

  /** Header, sequence, checksum and compression, now that the epoch of the producer is certain. */
  #finish({ builder, sequence }: Batch): Uint8Array {
    const { session, options, context } = this.#transport
    const trailer = { ...session.identity, baseSequence: sequence, isTransactional: true }
    const codec = options.compression
    if (codec === 'none') return builder.finish(trailer)
    return builder.finishCompressed(trailer, codec, context.compress)
  }

  #acknowledge(round: readonly Sending[], answer: Decoded<(typeof produce)['response']>): void {
    for (const { work, batch, index, topic, partition } of round) {
      const told = answer.responses
        .find(({ name }) => name === topic)
        ?.partitionResponses.find((response) => response.index === partition)
      assert(told !== undefined, 'a Produce answer has each partition that was sent')
      // What came after a failed batch is out of order; it is sent again after that one.
      if (index !== work.acknowledged) continue
      const { errorCode, errorMessage, baseOffset } = told
      if (errorCode === 0) {
        batch.baseOffset = baseOffset
        work.acknowledged++
        continue
      }
      const error =
        tooLargeForBroker(errorCode, batch.builder, { topic, partition }) ??
        kafkaError(errorCode, {
          doing: 'writing output',
          where: { topic, partition },
          brokerMessage: errorMessage,
        })
      work.failure = { reply: { kind: 'code', code: errorCode }, error }
    }
  }
}

interface Sending extends TopicPartition {
  readonly work: Work
  readonly batch: Batch
  /** Of the batch among the partition's. */
  readonly index: number
}

/** Keeps a failure to deliver with the works, to be tried again; any other ends the transaction. */
function undelivered(works: readonly Work[], thrown: unknown): Stopped | undefined {
  const error = toStreamError(thrown, 'writing output')
  const sent = lostWith(thrown)
  if (sent === undefined) {
    return { kind: 'stop', outcome: outcomeOf('produce', error, freshStep), error }
  }
  for (const work of works) work.failure ??= { reply: { kind: 'lost', sent }, error }
  return undefined
}

type Verdict =
  | Stopped
  | {
      readonly kind: 'again'
      readonly next: Next
      readonly refresh: boolean
      /** Undefined: nothing failed. */
      readonly error: StreamError | undefined
    }

function judge(works: readonly Work[]): Verdict {
  let verdict: Verdict = { kind: 'again', next: { kind: 'done' }, refresh: false, error: undefined }
  for (const { failure } of works) {
    if (failure === undefined) continue
    const next = decide('produce', failure.reply, freshStep)
    if (next.kind === 'stop') return { ...next, error: failure.error }
    const slower: boolean =
      verdict.next.kind === 'done' || (next.kind === 'again' && next.pace !== 'soon')
    verdict = {
      kind: 'again',
      next: slower ? next : verdict.next,
      refresh: verdict.refresh || (next.kind === 'again' && next.refresh),
      error: failure.error,
    }
  }
  return verdict
}
