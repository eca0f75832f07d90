/**
 * Takes tasks over from the group and gives them back: the member's callbacks, and the way of a new
 * task to its first record. Steps and their order are those of `group/hand-over.ts`.
 */
import type { Env, Logger } from '../env/port.ts'
import { assignTasks } from '../group/assign.ts'
import { decodeAssignment, encodeAssignment } from '../group/assignment.ts'
import { handOver, type HandOverStep } from '../group/hand-over.ts'
import type { ReplicaRules } from '../group/replicas.ts'
import { isTransactionalIdOf, transactionalIdPrefix } from '../group/identity.ts'
import { MemberMemory } from '../group/member-memory.ts'
import { encodeSubscription, type MemberTag, type StoredTask } from '../group/subscription.ts'
import { compareTasks } from '../group/tasks.ts'
import type { Admin, Fetcher, GroupIdentity, MemberOptions } from '../kafka/client/port.ts'
import { assertNever } from '../model/errors.ts'
import { type TaskId, taskParts } from '../model/ids.ts'
import { tasksOf } from '../plan/partitions.ts'
import type { Plan, SubTopology } from '../plan/plan.ts'
import type { RunningTask } from '../task/create-task.ts'
import type { Epochs } from './epochs.ts'
import { offsetSumOf, type OwnedTask, type OwnedTasks } from './owned-tasks.ts'
import { GroupPartitions } from './group-partitions.ts'
import { restoreTasks } from './restoration.ts'
import type { StandbyTasks } from './standby-tasks.ts'
import { readStartPositions } from './start-positions.ts'
import type { TaskState } from './task-directories.ts'
import type { PartitionCounts } from './topics.ts'

export interface OwnershipParts {
  readonly env: Env
  readonly logger: Logger
  readonly admin: Admin
  readonly plan: Plan
  readonly counts: PartitionCounts
  readonly groupId: string
  readonly processId: string
  readonly slot: number
  readonly transactionalId: string
  /** Where the process answers queries, `host:port`; empty: nowhere. */
  readonly endpoint: string
  readonly tasks: OwnedTasks
  readonly standbys: StandbyTasks
  readonly replicas: ReplicaRules
  /** Where the process runs, for spreading copies. */
  readonly tags: readonly MemberTag[]
  readonly epochs: Epochs
  readonly createTask: (
    subTopology: SubTopology,
    partition: number,
    partitionsOf: (topic: string) => number,
    state: TaskState | undefined,
  ) => RunningTask
  /** Where the stores of a task are kept; undefined where none is. */
  readonly openState: (subTopology: SubTopology, id: TaskId) => TaskState | undefined
  /** Tasks with files of theirs that are not open. */
  readonly storedTasks: () => readonly Omit<StoredTask, 'lag'>[]
  readonly restoreFetcher: () => Fetcher
  /** What stores of this worker may have in memory, where files are below them. */
  readonly cacheBytesMax: number
  readonly rejoin: (reason: string) => void
  readonly expectRound: () => void
  readonly onFailed: (error: Error) => void
  readonly onChanged: () => void
}

export class Ownership {
  readonly #parts: OwnershipParts
  readonly #partitions: GroupPartitions
  readonly #memory = new MemberMemory()
  #identity: GroupIdentity | undefined
  #sequence = 0
  #rebalances = 0
  /** What this worker failed with, where all are to stop for that. */
  #failure = ''
  readonly #refused = Promise.withResolvers<void>()
  /** Tasks that the present assignment keeps here as copies. */
  #copies: ReadonlySet<TaskId> = new Set()

  constructor(parts: OwnershipParts) {
    this.#parts = parts
    this.#partitions = new GroupPartitions(parts.counts)
  }

  /** Who commits: as of the assignment that the present tasks belong to. */
  get identity(): GroupIdentity | undefined {
    return this.#identity
  }

  get rebalances(): number {
    return this.#rebalances
  }

  /** Has the group stop everywhere; resolves when this member is told so too. */
  async stopAll(failure: string): Promise<void> {
    this.#failure = failure
    this.#parts.rejoin('the application is to stop')
    await this.#refused.promise
  }

  readonly subscription = (): Uint8Array => {
    const { processId, slot, transactionalId, plan, tasks, standbys } = this.#parts
    this.#sequence += 1
    return encodeSubscription({
      process: processId,
      slot,
      transactionalId,
      fingerprint: plan.fingerprint,
      sequence: this.#sequence,
      owned: Array.from(tasks.ids).toSorted(compareTasks),
      stored: this.#stored(),
      standby: standbys.ids.toSorted(compareTasks),
      endpoint: this.#parts.endpoint,
      tags: this.#parts.tags,
      failure: this.#failure,
      ...this.#memory.recall(),
    })
  }

  readonly assign: MemberOptions['assign'] = (members) => {
    const { plan, logger } = this.#parts
    const counts = this.#partitions.known
    const partitions = plan.subTopologies
      .flatMap(({ sourceTopics }) => sourceTopics)
      .map((topic) => ({ topic, partitions: counts.get(topic) ?? 0 }))
    const taskCounts = plan.subTopologies.map(({ sourceTopics }) =>
      Math.max(0, ...sourceTopics.map((topic) => counts.get(topic) ?? 0)),
    )
    const { replicas } = this.#parts
    const view = { fingerprint: plan.fingerprint, taskCounts, partitions, replicas }
    const assigned = assignTasks(view, members)
    logger.info({ members: members.length }, 'assigned tasks as leader of the group')
    const shown = new Map(tasksOf(plan, counts).map(({ id, inputs }) => [id, inputs]))
    return new Map(
      Array.from(assigned, ([member, one]) => {
        const read = one.active.flatMap((id) => shown.get(id) ?? [])
        return [member, { assignment: encodeAssignment(one), partitions: read }]
      }),
    )
  }

  /** Commits what this member may lose; then nothing is cut until the next assignment. */
  readonly onRejoin = async (): Promise<void> => {
    await this.#parts.epochs.settle()
    this.#parts.epochs.hold(true)
  }

  readonly onAssigned = async (bytes: Uint8Array, identity: GroupIdentity): Promise<void> => {
    const { epochs, tasks, plan, logger, onChanged } = this.#parts
    const assignment = decodeAssignment(bytes)
    const { active, revoked, promised } = assignment
    this.#identity = identity
    this.#memory.keep(assignment)
    this.#rebalances += 1
    const { generation } = identity
    logger.info({ generation, active, revoked, promised }, 'the group assigned tasks')
    epochs.hold(false)
    await epochs.open()
    // Lost meanwhile: the group has given these tasks to others, who may be running them.
    if (this.#identity !== identity) return
    const reopen = this.#partitions.agree(assignment.partitions)
    const { standby, warming } = assignment
    this.#copies = new Set(reopen ? [] : [...standby, ...warming])
    await this.#handOver(handOver(assignment, tasks.ids, plan.fingerprint, reopen))
    const free = (id: TaskId) => !tasks.ids.has(id)
    if (this.#identity === identity && assignment.refusal === null) {
      this.#parts.standbys.assign(standby.filter(free), warming.filter(free))
    }
    onChanged()
  }

  readonly onLost = async (error: Error): Promise<void> => {
    this.#parts.logger.warn({ error: error.message }, 'the group took all tasks away')
    this.#identity = undefined
    this.#memory.lost()
    this.#parts.epochs.lost()
    this.#parts.epochs.hold(false)
    await this.#parts.epochs.idle()
  }

  async #handOver(steps: readonly HandOverStep[]): Promise<void> {
    const current = this.#identity
    for (const step of steps) {
      // Lost meanwhile: nothing of this assignment holds any more.
      if (this.#identity !== current) return
      await this.#carryOut(step)
    }
  }

  async #carryOut(step: HandOverStep): Promise<void> {
    const { epochs, admin, groupId, logger, rejoin, expectRound, onFailed } = this.#parts
    const current = this.#identity
    switch (step.kind) {
      case 'revoke':
        // Processing went on since the rejoin; this generation may still commit it.
        if (await epochs.settle()) this.#remove(step.tasks)
        return
      case 'fence':
        logger.info({ ids: step.transactionalIds }, 'fencing producers of vanished workers')
        return admin.fenceProducers(step.transactionalIds, groupId)
      case 'search-open-transactions':
        await this.#fenceStrangers(step.members)
        if (this.#identity === current) this.#memory.searched()
        return
      case 'read-positions':
        return undefined
      case 'start':
        this.#start(step.tasks)
        return
      case 'rejoin':
        rejoin(step.reason)
        return
      case 'expect-round':
        expectRound()
        return
      case 'stop':
        this.#refused.resolve()
        onFailed(step.error)
        return
      default:
        assertNever(step)
    }
  }

  async #fenceStrangers(members: readonly string[]): Promise<void> {
    const { admin, plan, groupId, logger } = this.#parts
    const open = await admin.openTransactions(transactionalIdPrefix(groupId))
    const strangers = open.filter((id) => isTransactionalIdOf(groupId, id) && !members.includes(id))
    if (strangers.length === 0) return
    logger.info({ ids: strangers, application: plan.application }, 'fencing forgotten producers')
    await admin.fenceProducers(strangers, groupId)
  }

  /** What stays as a copy keeps its stores open. */
  #remove(ids: readonly TaskId[]): void {
    const { tasks, standbys } = this.#parts
    for (const id of ids) {
      const owned = tasks.get(id)
      if (owned === undefined) continue
      if (owned.running && this.#copies.has(id)) standbys.give(tasks.detach(owned))
      else tasks.remove(owned)
    }
  }

  /** How far the stores here are, for the leader to hand tasks to where their stores are. */
  #stored(): readonly StoredTask[] {
    const { tasks, standbys } = this.#parts
    const row = (owned: OwnedTask, lag: number) => ({
      task: owned.id,
      offsetSum: offsetSumOf(owned),
      lag,
    })
    const active = tasks.all.map((owned) =>
      row(owned, owned.running ? 0 : Math.max(0, owned.restoreTotal - owned.restored)),
    )
    const copies = standbys.all.map((owned) => row(owned, standbys.lagOf(owned.id)))
    const files = this.#parts.storedTasks().map((one) => ({ ...one, lag: -1 }))
    return [...active, ...copies, ...files].filter(({ offsetSum }) => offsetSum > 0)
  }

  #start(ids: readonly TaskId[]): void {
    const { tasks, standbys, logger, onFailed, onChanged } = this.#parts
    // Still there where it could not be revoked, because the worker is about to stop.
    const batch = ids
      .filter((id) => !tasks.ids.has(id))
      .map((id) => standbys.take(id) ?? this.create(id))
    for (const owned of batch) tasks.add(owned)
    this.#prepare(batch).then(onChanged, (error: unknown) => {
      if (!batch.some((owned) => tasks.has(owned))) return
      logger.error({ tasks: ids }, 'tasks could not be started')
      onFailed(error instanceof Error ? error : new Error(String(error)))
    })
  }

  /** A task with new stores, or with those that its directory has. */
  readonly create = (id: TaskId): OwnedTask => {
    const { plan, createTask, openState } = this.#parts
    const { subTopology, partition } = taskParts(id)
    const part = plan.subTopologies[subTopology]
    if (part === undefined) throw new Error(`the plan has no sub-topology for task ${id}`)
    const counts = this.#partitions.agreed
    const state = openState(part, id)
    const task = createTask(part, partition, (topic) => counts.get(topic) ?? 0, state)
    const abort = new AbortController()
    const restoring = { running: false, restored: 0, restoreTotal: 0, started: new Map() }
    const marks = new Map<string, string>()
    return { id, task, state, subTopology: part, abort, marks, ...restoring }
  }

  /** Predecessors are fenced: positions become stable at once, and changelogs have an end. */
  async #prepare(batch: readonly OwnedTask[]): Promise<void> {
    const { tasks, admin, env, groupId, epochs, restoreFetcher, logger } = this.#parts
    const { cacheBytesMax } = this.#parts
    const begun = env.clock.monotonic()
    const positions = await readStartPositions(batch, groupId, admin, env)
    const fetcher = restoreFetcher()
    try {
      await restoreTasks(batch, positions.of, { fetcher, admin, env, logger, cacheBytesMax })
    } finally {
      await fetcher.close()
    }
    const kept = batch.filter((owned) => tasks.has(owned))
    epochs.learn(positions.committed)
    for (const owned of kept) tasks.start(owned, positions.of(owned), env.clock.now())
    const ids = kept.map(({ id }) => id)
    const records = kept.reduce((sum, { restored }) => sum + restored, 0)
    const ms = Math.round(env.clock.monotonic() - begun)
    logger.info({ tasks: ids, restored: records, ms }, 'tasks are running')
  }
}
