/**
 * The only event loop: poll, offer, step, checkpoint, and sleep when nothing of that has anything
 * to do. One worker is one member of the group and one transactional producer.
 */
import type { CheckpointLimits } from '../checkpoint/protocol.ts'
import type { Settings } from '../config/option-table.ts'
import type { Counter, Env, Logger } from '../env/port.ts'
import { type Place, placesOf } from '../group/directory.ts'
import { transactionalId } from '../group/identity.ts'
import type { Admin, Fetcher, GroupIdentity } from '../kafka/client/port.ts'
import type { GroupMember, KafkaClient, TransactionalProducer } from '../kafka/client/port.ts'
import { partitionName, type TopicPartition } from '../model/ids.ts'
import type { Plan } from '../plan/plan.ts'
import { createTask } from '../task/create-task.ts'
import { KeptStores } from '../task/kept-stores.ts'
import { isKept } from '../state/spec.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import { CacheBound, cacheShare } from './cache-bound.ts'
import { contextLogger } from './context-logger.ts'
import { Epochs } from './epochs.ts'
import { inputFetcher, restoreFetcher } from './fetchers.ts'
import { fetchFailure, haveOthersReadOn, type LostPosition } from './fetch-problems.ts'
import { Flushes } from './flushes.ts'
import { type GlobalTables, openGlobalTables } from './global-tables.ts'
import { OwnedTasks } from './owned-tasks.ts'
import { Ownership, type OwnershipParts } from './ownership.ts'
import { patientAdmin } from './patient-admin.ts'
import { Pictures } from './pictures.ts'
import { purge } from './purge.ts'
import { spreadFailure } from './spread-failure.ts'
import { StandbyTasks } from './standby-tasks.ts'
import { answerFromTasks } from './store-answers.ts'
import { replicaRules } from './replica-rules.ts'
import { tend, type TaskStates } from './task-directories.ts'
import type { PartitionCounts } from './topics.ts'
import type { WorkerPhase, WorkerView } from './view.ts'
import { WakeUp } from './wake-up.ts'

export interface WorkerParts {
  readonly env: Env
  readonly settings: Settings
  readonly plan: Plan
  readonly counts: PartitionCounts
  readonly client: KafkaClient
  /** Of the process, small letters and digits. */
  readonly processId: string
  /** Number of the worker in its process. */
  readonly slot: number
  /** Where tasks keep their stores; default: in memory alone. */
  readonly states?: TaskStates | undefined
  /** Where the process answers queries, `host:port`; empty: nowhere. */
  readonly endpoint: string
  /** Static membership; null: dynamic. */
  readonly instanceId: string | null
  /** Tasks were assigned, started or taken away. */
  readonly onRebalanced: () => void
}

/** Bytes handed to the tasks in one turn. */
const pollBytes = 2_097_152

export class Worker {
  readonly #parts: WorkerParts
  readonly #logger: Logger
  readonly #wake = new WakeUp()
  readonly #admin: Admin
  readonly #producer: TransactionalProducer
  readonly #fetcher: Fetcher
  readonly #tasks: OwnedTasks
  readonly #standbys: StandbyTasks
  readonly #flushes: Flushes
  readonly #cacheBound: CacheBound
  readonly #epochs: Epochs
  readonly #ownership: Ownership
  readonly #member: GroupMember
  readonly #pictures: Pictures
  readonly #globals: GlobalTables | undefined
  readonly #records: Counter
  readonly #end = new AbortController()
  readonly #tickMs: number
  #phase: WorkerPhase = 'starting'
  #recordCount = 0
  #error: Error | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(parts: WorkerParts) {
    const { env, settings, plan, client, processId, slot } = parts
    this.#parts = parts
    const groupId = plan.application
    const id = transactionalId(groupId, processId, slot)
    this.#logger = contextLogger(env.logger, () => ({ worker: slot, epoch: this.#openEpoch }))
    this.#tickMs = Math.min(1000, Math.max(20, settings.commitInterval))
    this.#producer = client.producer({
      transactionalId: id,
      groupId,
      transactionTimeoutMs: settings.transactionTimeout,
      deliveryTimeoutMs: settings.deliveryTimeout,
      compression: settings.compression,
      batchBytesMax: settings.batchBytesMax,
    })
    const { recoveryTimeout } = settings
    this.#admin = patientAdmin(client.admin, env, this.#logger, recoveryTimeout, this.#end.signal)
    this.#fetcher = inputFetcher(client, settings, (ms) => this.#epochs.cutAfter(ms))
    this.#tasks = new OwnedTasks(this.#fetcher, settings.queueBytesMax)
    this.#flushes = new Flushes(env.clock, this.#tasks, settings.stateFlushInterval)
    this.#epochs = this.#makeEpochs(groupId)
    this.#standbys = this.#makeStandbys(groupId)
    this.#globals = openGlobalTables(parts, this.#logger, (error) => this.#fail(error))
    this.#cacheBound = new CacheBound(env.clock, this.#tasks, this.#standbys, cacheShare(settings))
    this.#ownership = this.#makeOwnership(groupId, id)
    this.#member = this.#makeMember(groupId)
    this.#pictures = new Pictures(env.clock)
    this.#records = env.metrics.counter('millrace_records_total', 'Input records processed', {
      worker: String(slot),
    })
  }

  /** Number of the worker in its process. */
  get slot(): number {
    return this.#parts.slot
  }

  get phase(): WorkerPhase {
    return this.#phase
  }

  /** Joins the group and begins to work. The promise ends with the worker. @throws its error. */
  async run(): Promise<void> {
    this.#phase = 'running'
    // No task may look up a global table that is not all there.
    await this.#globals?.ready()
    if (this.#phase === 'running') this.#member.start()
    const { signal } = this.#end
    const purging = purge(this.#parts, this.#logger, this.#epochs, this.#tasks, signal)
    const tending = tend(this.#parts, signal)
    this.#running = this.#loop()
    await this.#running
    this.#end.abort()
    // What would be tried again on a closed client keeps the process.
    this.#epochs.fail(this.#error ?? new Error('the worker has ended'))
    await Promise.all([purging, tending])
    await spreadFailure(this.#parts, this.#error, this.#member, this.#ownership)
    await this.#close()
    if (this.#error !== undefined) throw this.#error
  }

  /**
   * Commits what is processed, leaves the group and ends `run`.
   * @param restart The same process will be back soon: a static member stays in the group.
   */
  async stop({ restart = false }: { readonly restart?: boolean } = {}): Promise<void> {
    if (this.#phase !== 'starting' && this.#phase !== 'running') return this.#running
    this.#phase = 'stopping'
    const { env, settings } = this.#parts
    const settled = await Promise.race([
      this.#epochs.settle(),
      env.timers.sleep(settings.stopTimeout, this.#end.signal).then(() => false),
    ])
    if (!settled) this.#logger.warn({}, 'the open epoch is dropped: it did not commit in time')
    this.#epochs.hold(true)
    await (restart ? this.#member.close() : this.#member.leave())
    if (this.#phase === 'stopping') this.#phase = 'stopped'
    this.#wake.call()
    return this.#running
  }

  view(): WorkerView {
    return this.#pictures.take({
      worker: this.#parts.slot,
      phase: this.#phase,
      identity: this.#ownership.identity,
      rebalances: this.#ownership.rebalances,
      epochs: this.#epochs,
      epoch: this.#openEpoch,
      records: this.#recordCount,
      tasks: this.#tasks.all,
      standbys: this.#standbys.views(),
      endOf: (input) => this.#fetcher.endOffset(input),
    })
  }

  /** What its tasks have of a store. */
  ask(question: StoreQuestion): StoreAnswer {
    const nowMs = this.#parts.env.clock.now()
    const global = this.#globals?.stores.ask(question)
    return global ?? answerFromTasks(this.#tasks.all, this.#standbys, question, nowMs)
  }

  /** Who has which tasks of the group; undefined while it has no settled generation. */
  async places(): Promise<readonly Place[] | undefined> {
    const { client, plan } = this.#parts
    const members = await client.admin.groupMembers(plan.application)
    return members && placesOf(members)
  }

  get #openEpoch(): number | undefined {
    const { state } = this.#epochs
    if (state.phase === 'open' || state.phase === 'cutting') return state.epoch
    return state.phase === 'committing' ? state.epoch + 1 : undefined
  }

  async #loop(): Promise<void> {
    const { env } = this.#parts
    while (this.#phase !== 'stopped' && this.#phase !== 'failed') {
      try {
        if (this.#turn()) await env.timers.yield()
        else await this.#idle()
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  /** @returns True when anything was done, so that there may be more at once. */
  #turn(): boolean {
    const { env, settings } = this.#parts
    const wallMs = env.clock.now()
    const fetched = this.#fetcher.poll(pollBytes)
    if (fetched.length > 0) this.#tasks.offer(fetched)
    for (const { problem, ...partition } of this.#fetcher.problems()) {
      if (problem.kind !== 'offset-out-of-range') throw fetchFailure(partition, problem)
      void this.#settleLoss(partition, problem)
    }
    let records = 0
    if (this.#epochs.mayProcess) {
      const room = settings.epochRecordsMax - this.#epochs.openRecords
      records = this.#tasks.step(env.clock, settings.sliceTime, room, wallMs)
      this.#tasks.advance(wallMs)
      this.#epochs.processed(records)
      if (this.#tasks.commitAsked) this.#epochs.request()
      this.#recordCount += records
      this.#records.add(records)
    }
    const idle = fetched.length === 0 && records === 0
    this.#epochs.observe(idle)
    this.#cacheBound.turn()
    const flushing = this.#flushes.turn()
    const following = this.#standbys.turn()
    return !idle || flushing || following
  }

  /** What another worker has read and let go is not lost: this one stood still meanwhile. */
  async #settleLoss(partition: TopicPartition, problem: LostPosition): Promise<void> {
    const { identity } = this.#ownership
    const group = this.#parts.plan.application
    try {
      const readOn = await haveOthersReadOn(this.#admin, group, partition, problem.logStart)
      if (this.#ownership.identity !== identity) return
      if (!readOn) throw fetchFailure(partition, problem)
      this.#epochs.lost()
      this.#member.rejoin(`others have read ${partitionName(partition)} on`)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Until there is input, a cut falls due, wall-clock work may be due, or somebody wakes us. */
  async #idle(): Promise<void> {
    const { env } = this.#parts
    const due = this.#tasks.dirty ? this.#epochs.dueMs() : undefined
    // Timers are cut to whole milliseconds, and one that is early costs another.
    const ms = Math.max(1, Math.ceil(Math.min(due ?? this.#tickMs, this.#tickMs)))
    await this.#wake.sleep(env, ms, (signal) => this.#fetcher.wait(signal))
  }

  #fail(cause: unknown): void {
    if (this.#phase === 'failed' || this.#phase === 'stopped') return
    const error = cause instanceof Error ? cause : new Error(String(cause))
    this.#phase = 'failed'
    this.#error = error
    this.#logger.error({ error: error.message }, 'the worker stops')
    this.#epochs.fail(error)
    this.#wake.call()
  }

  async #close(): Promise<void> {
    for (const owned of this.#tasks.all) this.#tasks.remove(owned)
    const leaving = this.#error === undefined ? Promise.resolve() : this.#member.leave()
    await this.#standbys.close()
    // Joins of tasks that are gone look nothing up any more.
    await this.#globals?.close()
    const settled = this.#parts.states?.settled()
    await Promise.allSettled([leaving, this.#fetcher.close(), this.#producer.close(), settled])
  }

  #makeEpochs(groupId: string): Epochs {
    const { env, settings, client } = this.#parts
    const limits: CheckpointLimits = {
      intervalMs: settings.commitInterval,
      bytesMax: settings.epochBytesMax,
      recordsMax: settings.epochRecordsMax,
    }
    return new Epochs({
      env,
      limits,
      groupId,
      logger: this.#logger,
      producer: this.#producer,
      admin: client.admin,
      tasks: this.#tasks,
      run: Math.floor(env.random('run')() * 2 ** 40).toString(36),
      recoveryTimeoutMs: settings.recoveryTimeout,
      identity: () => this.#committer(),
      onDropped: (error) => {
        this.#parts.onRebalanced()
        if (error !== undefined) this.#member.rejoin(error.message)
      },
      onFailed: (error) => this.#fail(error),
      wake: this.#wake.call,
      awaits: (byMs) => this.#fetcher.awaits(byMs),
    })
  }

  /** Nobody, when the session is over or the tasks belong to another generation. */
  #committer(): GroupIdentity | undefined {
    const identity = this.#member.identity()
    return identity?.generation === this.#ownership.identity?.generation ? identity : undefined
  }

  #makeOwnership(groupId: string, id: string): Ownership {
    const { env, settings, plan, counts, client, processId, slot, onRebalanced } = this.#parts
    const { states, endpoint } = this.#parts
    const create: OwnershipParts['createTask'] = (subTopology, partition, partitionsOf, state) => {
      const kept = state && new KeptStores(state.backend, settings.stateBackend)
      const { output } = this.#producer
      const globals = this.#globals?.stores
      return createTask({ plan, subTopology, partition, output, partitionsOf, kept, globals })
    }
    return new Ownership({
      env,
      admin: this.#admin,
      plan,
      counts,
      groupId,
      processId,
      slot,
      transactionalId: id,
      endpoint,
      logger: this.#logger,
      tasks: this.#tasks,
      standbys: this.#standbys,
      replicas: replicaRules(plan, settings),
      tags: Object.entries(settings.tags ?? {}).map(([key, value]) => ({ key, value })),
      epochs: this.#epochs,
      createTask: create,
      openState: ({ stores }, id) =>
        stores.some((store) => isKept(store, settings.stateBackend)) ? states?.open(id) : undefined,
      storedTasks: () => states?.stored() ?? [],
      restoreFetcher: () => restoreFetcher(client, settings),
      cacheBytesMax: cacheShare(settings),
      rejoin: (reason) => this.#member.rejoin(reason),
      expectRound: () => this.#member.expectRound(),
      onFailed: (error) => this.#fail(error),
      onChanged: () => {
        this.#wake.call()
        onRebalanced()
      },
    })
  }

  #makeStandbys(groupId: string): StandbyTasks {
    const { env, client, settings } = this.#parts
    return new StandbyTasks({
      env,
      groupId,
      logger: this.#logger,
      admin: client.admin,
      fetcher: () => restoreFetcher(client, settings),
      create: (id) => this.#ownership.create(id),
      acceptableLag: settings.acceptableLag,
      flushIntervalMs: settings.stateFlushInterval,
      onLevel: () => this.#member.rejoin('stores of tasks to come are level'),
    })
  }

  #makeMember(groupId: string): GroupMember {
    const { settings, plan, client, instanceId } = this.#parts
    const topics = plan.subTopologies.flatMap(({ sourceTopics }) => sourceTopics)
    const ownership = this.#ownership
    return client.member({
      groupId,
      instanceId,
      sessionTimeoutMs: settings.sessionTimeout,
      rebalanceTimeoutMs: settings.rebalanceTimeout,
      heartbeatIntervalMs: settings.heartbeatInterval,
      protocolName: 'millrace',
      topics: () => topics,
      subscription: ownership.subscription,
      assign: ownership.assign,
      onRejoin: ownership.onRejoin,
      onAssigned: ownership.onAssigned,
      onLost: ownership.onLost,
      onFatal: (error) => this.#fail(error),
    })
  }
}
