/**
 * Carries out what the epoch protocol (`checkpoint/protocol.ts`) commands: cuts, transactions,
 * recovery. One asynchronous command runs at a time; its result is a fact for the protocol.
 */
import { cutAfterMs, cutDueMs, cutShiftMs } from '../checkpoint/cadence.ts'
import { verdictOf, tagOf, withTag, type PositionTag } from '../checkpoint/position-tag.ts'
import {
  type CheckpointCommand,
  type CheckpointFact,
  type CheckpointLimits,
  type CheckpointState,
  closed,
  mayProcess,
  type Outcome,
  step,
  type Verdict,
} from '../checkpoint/protocol.ts'
import type { Counter, Env, Histogram, Logger } from '../env/port.ts'
import type { Admin, CommittedPosition, GroupIdentity } from '../kafka/client/port.ts'
import type { SealedOutput, TransactionalProducer } from '../kafka/client/port.ts'
import { assertNever } from '../model/errors.ts'
import { type Epoch, partitionName } from '../model/ids.ts'
import type { MarkedPosition, OwnedTask, OwnedTasks } from './owned-tasks.ts'
import { Patience } from './patience.ts'
import { readStartPositions } from './start-positions.ts'

export interface EpochParts {
  readonly env: Env
  readonly logger: Logger
  readonly producer: TransactionalProducer
  readonly admin: Admin
  readonly tasks: OwnedTasks
  readonly groupId: string
  /** Of this start of the worker, at random. */
  readonly run: string
  readonly limits: CheckpointLimits
  /** A worker that cannot recover for so long fails. */
  readonly recoveryTimeoutMs: number
  /** Who commits, as of the assignment that the tasks belong to. */
  readonly identity: () => GroupIdentity | undefined
  /** Everything is dropped; the error says why, undefined when the group took it. */
  readonly onDropped: (error: Error | undefined) => void
  readonly onFailed: (error: Error) => void
  readonly wake: () => void
  /** Whether input is still to come that was to be here by this moment. */
  readonly awaits: (byMs: number) => boolean
}

interface SealedEpoch {
  readonly epoch: Epoch
  readonly sealed: SealedOutput
  readonly tasks: readonly OwnedTask[]
  readonly positions: readonly CommittedPosition[]
  ends: ReadonlyMap<string, number>
}

export class Epochs {
  readonly #parts: EpochParts
  readonly #committedEpochs: Counter
  readonly #commitMs: Histogram
  #state: CheckpointState = closed
  /** Grows when everything is dropped: results of commands from before are nobody's. */
  #session = 0
  #busy: Promise<void> = Promise.resolve()
  #sealed: SealedEpoch | undefined
  /** Of the open epoch. */
  #records = 0
  #held = false
  readonly #patience: Patience
  #waiting: (() => void)[] = []
  /** What is known to be committed, by partition: this worker's view, for comparing and purging. */
  readonly #committed = new Map<string, CommittedPosition>()

  constructor(parts: EpochParts) {
    this.#parts = parts
    this.#patience = new Patience(parts.env, parts.recoveryTimeoutMs)
    const { metrics } = parts.env
    this.#committedEpochs = metrics.counter('millrace_epochs_total', 'Committed epochs')
    this.#commitMs = metrics.histogram('millrace_commit_ms', 'From a cut to its committed')
  }

  get state(): CheckpointState {
    return this.#state
  }

  get committed(): ReadonlyMap<string, CommittedPosition> {
    return this.#committed
  }

  /** False: the tasks must not be stepped now. */
  get mayProcess(): boolean {
    if (this.#waiting.length > 0) return false
    const { producer, limits } = this.#parts
    const open = { bytes: producer.output.bytes, records: this.#records }
    return mayProcess(this.#state, limits, open)
  }

  /** Records that the open epoch has taken. */
  get openRecords(): number {
    return this.#records
  }

  /**
   * Milliseconds until there may be something to cut where everything that was fetched is
   * processed; undefined: only a wake-up changes that.
   */
  dueMs(): number | undefined {
    if (this.#held) return undefined
    const nowMs = this.#parts.env.clock.monotonic()
    return cutDueMs(this.#state, this.#parts.limits, nowMs, this.#shiftMs(true))
  }

  #shiftMs(idle: boolean): number {
    return cutShiftMs(this.#state, this.#parts.limits, this.#parts.awaits, idle)
  }

  /** The first cut by time after this moment, where that is known. */
  readonly cutAfter = (ms: number): number | undefined =>
    cutAfterMs(this.#state, this.#parts.limits, ms, this.#parts.env.clock.monotonic())

  processed(records: number): void {
    this.#records += records
  }

  /** Knows what was committed before this worker had the partitions. */
  learn(positions: ReadonlyMap<string, CommittedPosition>): void {
    for (const [name, position] of positions) this.#committed.set(name, position)
  }

  /** Initialises the producer where that is not done; resolves when it is, or was dropped. */
  async open(): Promise<void> {
    this.#tell({ kind: 'open' })
    const session = this.#session
    while (this.#state.phase === 'opening' && session === this.#session) await this.#change()
  }

  /** Between a rejoin and its assignment nothing is cut: whose generation would it be? */
  hold(held: boolean): void {
    this.#held = held
    this.#parts.wake()
  }

  /**
   * Commits everything processed so far; nothing is processed meanwhile. Resolves with false when
   * it was dropped instead.
   */
  async settle(): Promise<boolean> {
    const session = this.#session
    const wait = { settled: false }
    const done = (): void => {
      wait.settled = true
    }
    this.#waiting.push(done)
    this.#tell({ kind: 'requested' })
    this.#parts.wake()
    while (!wait.settled && session === this.#session && this.#state.phase !== 'failed') {
      await this.#change()
    }
    this.#waiting = this.#waiting.filter((other) => other !== done)
    this.#parts.wake()
    return wait.settled && session === this.#session
  }

  /** What is processed so far is to be committed as soon as that is possible. */
  request(): void {
    this.#tell({ kind: 'requested' })
  }

  /**
   * The loop's turn: cuts when it is time.
   * @param idle Everything that was fetched is processed. @default false
   */
  observe(idle = false): void {
    const { producer, tasks, env } = this.#parts
    const dirty = tasks.dirty || producer.output.records > 0
    if (this.#waiting.length > 0) {
      const idle = this.#state.phase === 'open' || this.#state.phase === 'closed'
      if (idle && !dirty) this.#finishWaiting()
      else this.#tell({ kind: 'requested' })
    }
    if (this.#held || this.#state.phase !== 'open') return
    const { bytes } = producer.output
    const nowMs = env.clock.monotonic()
    const shiftMs = this.#shiftMs(idle)
    this.#tell({ kind: 'observed', nowMs, bytes, records: this.#records, dirty, shiftMs })
  }

  lost(): void {
    this.#tell({ kind: 'lost' })
  }

  fail(error: Error): void {
    this.#tell({ kind: 'failed', error })
  }

  /** Resolves when no command is being carried out. */
  idle(): Promise<void> {
    return this.#busy
  }

  #finishWaiting(): void {
    for (const done of this.#waiting) done()
    this.#announce()
  }

  #tell(fact: CheckpointFact): void {
    const { state, commands } = step(this.#state, fact, this.#parts.limits)
    // Trouble with an epoch ends when one commits, trouble with the producer when it is there.
    if (this.#state.phase === 'opening' && state.phase === 'open') this.#patience.end()
    this.#state = state
    for (const command of commands) this.#carryOut(command)
    this.#announce()
  }

  #carryOut(command: CheckpointCommand): void {
    switch (command.kind) {
      case 'cut':
        return this.#cut(command.epoch)
      case 'apply':
        return this.#apply()
      case 'drop':
        return this.#drop(command.error)
      case 'fail':
        this.#session++
        return this.#parts.onFailed(command.error)
      case 'initialise':
        return this.#later(() => this.#initialise())
      case 'commit':
        return this.#later(() => this.#commit())
      case 'compare':
        return this.#later(() => this.#compare())
      case 'roll-back':
        return this.#later(() => this.#rollBack())
      default:
        return assertNever(command)
    }
  }

  /** One after the other; what comes of a command from before a drop is forgotten. */
  #later(run: () => Promise<CheckpointFact>): void {
    const session = this.#session
    const work = async () => {
      if (session !== this.#session) return
      const fact = await run().catch(failure)
      if (session !== this.#session) return
      this.#tell(fact)
      this.#parts.wake()
    }
    // A defect in applying the fact is a failure of the worker, not an unhandled rejection.
    this.#busy = this.#busy.then(work).catch((error: unknown) => this.fail(asError(error)))
  }

  #cut(epoch: Epoch): void {
    const { producer, tasks, run } = this.#parts
    const { tasks: cut, positions } = tasks.cut(epoch)
    const sealed = producer.seal()
    const tagged = positions.map((position) => tag(position, { run, epoch }))
    this.#sealed = { epoch, sealed, tasks: cut, positions: tagged, ends: new Map() }
    this.#records = 0
    this.#tell({ kind: 'was-cut', empty: sealed.records === 0 && tagged.length === 0 })
  }

  #apply(): void {
    const { epoch, tasks, positions, ends } = this.#takeSealed()
    for (const { task } of tasks) task.committed(epoch, ends)
    for (const position of positions) this.#committed.set(partitionName(position), position)
    this.#committedEpochs.add()
    this.#patience.end()
  }

  #takeSealed(): SealedEpoch {
    const sealed = this.#sealed
    if (sealed === undefined) throw new Error('no epoch is sealed')
    return sealed
  }

  #drop(error: Error | undefined): void {
    const { producer, tasks, onDropped } = this.#parts
    this.#session++
    for (const owned of tasks.all) tasks.remove(owned)
    producer.discard()
    this.#sealed = undefined
    this.#records = 0
    this.#committed.clear()
    this.#finishWaiting()
    onDropped(error)
  }

  async #initialise(): Promise<CheckpointFact> {
    await this.#patience.backOff()
    const outcome = await this.#parts.producer.initialise()
    return this.#givenUp(outcome) ?? { kind: 'initialised', outcome }
  }

  async #commit(): Promise<CheckpointFact> {
    const { env, producer, identity, logger } = this.#parts
    const { epoch, sealed, positions } = this.#takeSealed()
    const group = identity()
    if (group === undefined) {
      return { kind: 'settled', outcome: { kind: 'fenced', error: new Error('no member') } }
    }
    const begun = env.clock.monotonic()
    const outcome = await producer.commit(sealed, positions, group)
    const ms = env.clock.monotonic() - begun
    if (outcome.kind === 'ok') {
      this.#commitMs.record(ms)
      this.#takeSealed().ends = outcome.ends
    } else {
      const { kind, error } = outcome
      logger.warn({ epoch, outcome: kind, ms, error: error.message }, 'the epoch did not commit')
      this.#patience.begin(begun)
    }
    return this.#givenUp(outcome) ?? { kind: 'settled', outcome }
  }

  async #compare(): Promise<CheckpointFact> {
    await this.#patience.backOff()
    return { kind: 'compared', verdict: await this.#verdict().catch(() => 'unreadable' as const) }
  }

  async #verdict(): Promise<Verdict> {
    const { admin, groupId, run, logger } = this.#parts
    const current = this.#takeSealed()
    const { epoch, sealed, positions } = current
    const committed = await admin.committedOffsets(groupId, positions)
    const before = new Map(
      positions.map((position) => {
        const name = partitionName(position)
        return [name, tagOf(this.#committed.get(name)?.metadata ?? '')]
      }),
    )
    const verdict = verdictOf({ run, epoch }, committed, before)
    if (verdict === 'kept') {
      current.ends = await admin.listOffsets(sealed.partitions, 'latest', 'read_uncommitted')
    }
    logger.warn({ epoch, verdict }, 'an epoch without an answer is settled by its positions')
    return verdict
  }

  async #rollBack(): Promise<CheckpointFact> {
    const { producer, tasks, groupId, admin, env } = this.#parts
    producer.discard()
    this.#records = 0
    const running = tasks.running.slice()
    for (const owned of running) {
      tasks.halt(owned)
      owned.task.rollback()
    }
    const session = this.#session
    const positions = await this.#patience.untilDone(
      () => readStartPositions(running, groupId, admin, env),
      () => session !== this.#session,
    )
    const kept = running.filter((owned) => tasks.has(owned))
    if (kept.some((owned) => this.#isElsewhere(owned, positions.committed))) {
      return { kind: 'rolled-back', positions: 'foreign' }
    }
    for (const owned of kept) tasks.start(owned, positions.of(owned), env.clock.now())
    return { kind: 'rolled-back', positions: 'known' }
  }

  /** The task's stores stand at other positions: a commit came undone, or somebody else's came. */
  #isElsewhere({ task }: OwnedTask, committed: ReadonlyMap<string, CommittedPosition>): boolean {
    return task.inputs.some((input) => {
      const name = partitionName(input)
      return committed.get(name)?.offset !== this.#committed.get(name)?.offset
    })
  }

  /** A failure when nothing has worked for too long. */
  #givenUp(outcome: Outcome): CheckpointFact | undefined {
    if (outcome.kind !== 'abort' && outcome.kind !== 'unknown') return undefined
    return this.#patience.isOver() ? { kind: 'failed', error: outcome.error } : undefined
  }

  readonly #listeners: (() => void)[] = []

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.push(resolve)
    })
  }

  #announce(): void {
    for (const listener of this.#listeners.splice(0)) listener()
  }
}

function tag({ mark, ...position }: MarkedPosition, by: PositionTag): CommittedPosition {
  return { ...position, metadata: withTag(by, mark, position.metadata) }
}

function failure(error: unknown): CheckpointFact {
  return { kind: 'failed', error: asError(error) }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
