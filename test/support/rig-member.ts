/** A worker reduced to its membership: real requests, the real leader, and word of what it runs. */
import { decodeAssignment, encodeAssignment } from '../../src/group/assignment.ts'
import { assignTasks } from '../../src/group/assign.ts'
import { handOver, type HandOverStep } from '../../src/group/hand-over.ts'
import { MemberMemory } from '../../src/group/member-memory.ts'
import { encodeSubscription } from '../../src/group/subscription.ts'
import type {
  GroupIdentity,
  GroupMember,
  MemberAssignment,
  MemberOptions,
  MemberSubscription,
} from '../../src/kafka/client/port.ts'
import { type TaskId, taskParts } from '../../src/model/ids.ts'

export interface RigMemberOptions {
  readonly instanceId?: string
  readonly sessionTimeoutMs?: number
  readonly fingerprint?: string
  /** Awaited in `onRejoin`. */
  readonly onRejoin?: () => Promise<void>
}

/** The group as its members see it; told what each of them runs. */
export interface RigGroup {
  readonly groupId: string
  readonly topic: string
  readonly tasks: number
  start(task: TaskId, name: string): void
  stop(task: TaskId, name: string): void
  fenced?(id: string): void
  lost?(error: Error): void
  fatal?(error: Error): void
}

let sequence = 1

export class RigMember {
  readonly member: GroupMember
  /** Generations in which it was assigned something, in order. */
  readonly generations: number[] = []
  readonly fenced: string[] = []
  readonly owned = new Set<TaskId>()
  rejoins = 0
  lost: Error | undefined
  fatal: Error | undefined
  readonly #rig: RigGroup
  readonly #name: string
  readonly #fingerprint: string
  readonly #memory = new MemberMemory()

  constructor(
    rig: RigGroup,
    name: string,
    options: RigMemberOptions,
    make: (options: MemberOptions) => GroupMember,
  ) {
    this.#rig = rig
    this.#name = name
    this.#fingerprint = options.fingerprint ?? 'f1'
    this.member = make({
      groupId: rig.groupId,
      instanceId: options.instanceId ?? null,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 6_000,
      rebalanceTimeoutMs: 10_000,
      heartbeatIntervalMs: 200,
      protocolName: 'millrace',
      topics: () => [rig.topic],
      subscription: () => this.#subscription(),
      assign: (members) => assign(rig, this.#fingerprint, members),
      onRejoin: async () => {
        this.rejoins++
        await options.onRejoin?.()
      },
      onAssigned: async (assignment, identity) => this.#assigned(assignment, identity),
      onLost: async (error) => this.#lose(error),
      onFatal: (error) => {
        this.fatal = error
        rig.fatal?.(error)
      },
    })
  }

  /** Starts it and everybody else's next round. */
  start(): this {
    this.member.start()
    return this
  }

  get transactionalId(): string {
    return `${this.#rig.groupId}-${this.#name}-0`
  }

  #subscription(): Uint8Array {
    return encodeSubscription({
      process: this.#name,
      slot: 0,
      transactionalId: this.transactionalId,
      fingerprint: this.#fingerprint,
      sequence: sequence++,
      owned: Array.from(this.owned),
      stored: [],
      standby: [],
      endpoint: '',
      tags: [],
      failure: '',
      ...this.#memory.recall(),
    })
  }

  async #assigned(bytes: Uint8Array, { generation }: GroupIdentity): Promise<void> {
    const assignment = decodeAssignment(bytes)
    this.#memory.keep(assignment)
    const steps = handOver(assignment, this.owned, this.#fingerprint)
    for (const step of steps) this.#carryOut(step)
    this.generations.push(generation)
  }

  #carryOut(step: HandOverStep): void {
    if (step.kind === 'revoke') for (const task of step.tasks) this.#stop(task)
    if (step.kind === 'fence') this.#fence(step.transactionalIds)
    // Its members write nothing, so there is nothing to find.
    if (step.kind === 'search-open-transactions') this.#memory.searched()
    if (step.kind === 'start') for (const task of step.tasks) this.#start(task)
    if (step.kind === 'rejoin') this.member.rejoin(step.reason)
    if (step.kind === 'expect-round') this.member.expectRound()
    if (step.kind === 'stop') throw step.error
  }

  #fence(ids: readonly string[]): void {
    this.fenced.push(...ids)
    for (const id of ids) this.#rig.fenced?.(id)
  }

  #start(task: TaskId): void {
    this.owned.add(task)
    this.#rig.start(task, this.#name)
  }

  #stop(task: TaskId): void {
    this.owned.delete(task)
    this.#rig.stop(task, this.#name)
  }

  async #lose(error: Error): Promise<void> {
    this.lost = error
    this.#rig.lost?.(error)
    for (const task of this.owned) this.#stop(task)
    this.#memory.lost()
  }

  /** As a clean stop of a worker: what it ran is free before it leaves. */
  async leave(): Promise<void> {
    for (const task of this.owned) this.#stop(task)
    await this.member.leave()
  }

  /** As a killed process: nobody knows, the ledger aside. */
  async vanish(): Promise<void> {
    await this.member.close()
    for (const task of this.owned) this.#stop(task)
  }
}

function assign(rig: RigGroup, fingerprint: string, members: readonly MemberSubscription[]) {
  const view = { fingerprint, taskCounts: [rig.tasks], partitions: [] }
  return new Map(
    Array.from(assignTasks(view, members), ([member, assignment]): [string, MemberAssignment] => {
      const partitions = assignment.active.map((task) => ({
        topic: rig.topic,
        partition: taskParts(task).partition,
      }))
      return [member, { assignment: encodeAssignment(assignment), partitions }]
    }),
  )
}
