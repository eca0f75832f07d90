/** The port `TransactionalProducer`: one epoch after the other, each a transaction of its own. */
import { assert, StreamError } from '../../../model/errors.ts'
import { kafkaError, errorCode } from '../../protocol/error-codes.ts'
import type { ClientContext } from '../context.ts'
import type {
  CommitOutcome,
  CommittedPosition,
  GroupIdentity,
  ProducerOptions,
  SealedOutput,
  StepOutcome,
  TransactionalProducer,
} from '../port.ts'
import { BatchSender } from './batches.ts'
import { addGroup, addPartitions, checkLeftovers, end, initialise } from './coordinator-steps.ts'
import { gravest, usableAfterAbort } from './decision.ts'
import { EpochOutput, SealedEpoch } from './epoch-output.ts'
import { lookBeforeAdding } from './new-connection.ts'
import { commitPositions } from './positions.ts'
import { Session } from './session.ts'
import type { StepResult, Stopped } from './step.ts'
import { Transport } from './transport.ts'

/**
 * While the markers of a transaction are being written, the first request of the next one is
 * refused (protocol 1) or held for 21 ms (protocol 2); 5 ms after EndTxn it never is.
 */
const deadZoneMs = 5
/** An abort that does not succeed soon is left to `initialise`, which aborts as well. */
const abortMsMax = 5_000

export function transactionalProducer(
  context: ClientContext,
  options: ProducerOptions,
): TransactionalProducer {
  return new KafkaProducer(context, options)
}

interface Written {
  readonly ends: ReadonlyMap<string, number>
}

class KafkaProducer implements TransactionalProducer {
  readonly output: EpochOutput
  readonly #transport: Transport
  readonly #session = new Session()
  #endedAtMs = Number.NEGATIVE_INFINITY
  #committing = false

  constructor(context: ClientContext, options: ProducerOptions) {
    this.#transport = new Transport(context, options, this.#session)
    this.output = new EpochOutput(options.batchBytesMax, (topic) => {
      const { metadata } = context
      const partitions = metadata.topic(topic)?.partitions.length
      if (partitions !== undefined) return partitions
      const about = { doing: 'writing output', where: { topic } }
      throw metadata.failure(topic) ?? kafkaError(errorCode('UNKNOWN_TOPIC_OR_PARTITION'), about)
    })
  }

  async initialise(): Promise<StepOutcome> {
    assert(!this.#committing, 'the producer is not initialised while it commits')
    const initialised = await initialise(this.#transport, this.#deadline())
    if (initialised.kind === 'stop') return outcome(initialised)
    this.#session.renew(initialised.value)
    this.#transport.hasLooked = true
    return { kind: 'ok' }
  }

  seal(): SealedOutput {
    return this.output.seal()
  }

  discard(): void {
    this.output.discard()
  }

  async commit(
    sealed: SealedOutput,
    positions: readonly CommittedPosition[],
    group: GroupIdentity,
  ): Promise<CommitOutcome> {
    assert(sealed instanceof SealedEpoch, 'an epoch is committed by the producer that sealed it')
    assert(!this.#committing, 'one transaction at a time')
    // A transaction without partition or group cannot be ended.
    if (sealed.records === 0 && positions.length === 0) return { kind: 'ok', ends: new Map() }
    if (!this.#session.usable) return { kind: 'abort', error: notInitialised() }
    this.#committing = true
    try {
      await this.#leaveDeadZone()
      return await this.#transaction(sealed, positions, group)
    } finally {
      this.#transport.hasLooked = false
      this.#committing = false
    }
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  async #leaveDeadZone(): Promise<void> {
    const waitMs = this.#endedAtMs + deadZoneMs - this.#transport.nowMs()
    if (waitMs > 0) await this.#transport.context.env.timers.sleep(Math.ceil(waitMs))
  }

  async #transaction(
    sealed: SealedEpoch,
    positions: readonly CommittedPosition[],
    group: GroupIdentity,
  ): Promise<CommitOutcome> {
    const { losses } = this.#transport
    const sender = new BatchSender(this.#transport, sealed.partitions)
    const written = await this.#write(sender, sealed, positions, group)
    if (written.kind === 'stop') {
      const whole = sender.everyBatchAcknowledged && this.#transport.losses === losses
      return this.#abort(written, whole)
    }
    const ended = await end(this.#transport, 'commit', this.#deadline())
    this.#endedAtMs = this.#transport.nowMs()
    if (ended.kind === 'stop') {
      this.#session.distrust()
      return outcome(ended)
    }
    if (ended.value !== undefined) this.#session.renew(ended.value)
    if (this.#transport.losses > losses) await this.#settle()
    this.output.recycle(sealed)
    return { kind: 'ok', ends: written.value.ends }
  }

  /**
   * A broker that went away during the transaction may have come back without its markers. The
   * next transaction must not decide over them, so it waits for a new epoch if this fails.
   */
  async #settle(): Promise<void> {
    try {
      await checkLeftovers(this.#transport, this.#deadline())
    } catch {
      this.#session.distrust()
    }
  }

  /**
   * Output and positions at once, over one socket a broker; protocol 1 adds both to the
   * transaction first.
   */
  async #write(
    sender: BatchSender,
    sealed: SealedEpoch,
    positions: readonly CommittedPosition[],
    group: GroupIdentity,
  ): Promise<StepResult<Written>> {
    const deadlineMs = this.#deadline()
    const withPositions = positions.length > 0
    if (this.#transport.context.capabilities.transactionProtocol === 1) {
      const { partitions } = sealed
      const looked = await lookBeforeAdding(this.#transport, partitions, group.groupId, deadlineMs)
      if (looked !== undefined) return looked
      const added = await Promise.all([
        sealed.records > 0 && addPartitions(this.#transport, sealed.partitions, deadlineMs),
        withPositions && addGroup(this.#transport, group.groupId, deadlineMs),
      ])
      const stopped = gravest(added.filter(isStopped))
      if (stopped !== undefined) return stopped
    }
    // The first step that ends the transaction keeps the other from trying again.
    const ended = { stopped: false }
    const watch = <Result extends StepResult<unknown>>(result: Result): Result => {
      if (result.kind === 'stop') ended.stopped = true
      return result
    }
    const [produced, committed] = await Promise.all([
      sender.run(deadlineMs, ended).then(watch),
      withPositions &&
        commitPositions(this.#transport, positions, group, { deadlineMs, ended }).then(watch),
    ])
    return gravest([produced, committed].filter(isStopped)) ?? produced
  }

  /**
   * A broker would commit output whose positions it refused: the abort is ours to ask for. It also
   * releases readers, who wait for the end of the transaction.
   */
  async #abort(because: Stopped, acknowledged: boolean): Promise<CommitOutcome> {
    const deadlineMs = Math.min(this.#deadline(), this.#transport.nowMs() + abortMsMax)
    const aborted = await end(this.#transport, 'abort', deadlineMs)
    this.#endedAtMs = this.#transport.nowMs()
    const bumped = aborted.kind === 'done' ? aborted.value : undefined
    if (bumped !== undefined) this.#session.renew(bumped)
    const usable = usableAfterAbort(aborted.kind === 'done', bumped !== undefined, acknowledged)
    if (!usable) this.#session.distrust()
    return outcome(because)
  }

  #deadline(): number {
    return this.#transport.nowMs() + this.#transport.options.deliveryTimeoutMs
  }
}

function isStopped(result: false | StepResult<unknown>): result is Stopped {
  return result !== false && result.kind === 'stop'
}

function outcome({ outcome: kind, error }: Stopped): Exclude<StepOutcome, { readonly kind: 'ok' }> {
  return { kind, error }
}

function notInitialised(): StreamError {
  const what = 'the producer has lost its epoch in an earlier transaction; initialise it again'
  const about = { domain: 'internal', recovery: 'abort' } as const
  return new StreamError('PRODUCER_NOT_INITIALISED', what, about)
}
