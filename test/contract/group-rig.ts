/**
 * Workers reduced to their membership: real members, the real leader, and a ledger of who runs
 * what.
 */
import { decodeAssignment, encodeAssignment } from '../../src/group/assignment.ts'
import { assignTasks } from '../../src/group/assign.ts'
import { handOver, type HandOverStep } from '../../src/group/hand-over.ts'
import type { RosterEntry } from '../../src/group/roster.ts'
import { encodeSubscription } from '../../src/group/subscription.ts'
import type {
  GroupIdentity,
  GroupMember,
  MemberAssignment,
  MemberOptions,
  MemberSubscription,
} from '../../src/kafka/client/port.ts'
import { type TaskId, taskParts } from '../../src/model/ids.ts'
import type { ConnectOptions, ContractBroker } from './brokers.ts'

export interface RigMemberOptions extends ConnectOptions {
  readonly instanceId?: string
  readonly sessionTimeoutMs?: number
  readonly fingerprint?: string
  /** Awaited in `onRejoin`. */
  readonly onRejoin?: () => Promise<void>
}

/** One group over a topic; knows at any time which member runs a task, and every clash. */
export class GroupRig {
  readonly groupId: string
  readonly topic: string
  readonly clashes: string[] = []
  readonly #broker: ContractBroker
  readonly #tasks: number
  readonly #owners = new Map<TaskId, string>()

  constructor(broker: ContractBroker, topic: string, tasks: number) {
    this.#broker = broker
    this.groupId = broker.unique('group')
    this.topic = topic
    this.#tasks = tasks
  }

  /** A member with a client of its own, not started yet. */
  async member(name: string, options: RigMemberOptions = {}): Promise<RigMember> {
    const client = await this.#broker.connect(options)
    const made = new RigMember(this, name, options, (more) => client.member(more))
    this.#broker.closing(() => made.member.close())
    return made
  }

  get owners(): ReadonlyMap<TaskId, string> {
    return this.#owners
  }

  start(task: TaskId, name: string): void {
    const owner = this.#owners.get(task)
    if (owner !== undefined) this.clashes.push(`${task} is ${owner}'s, ${name} starts it`)
    this.#owners.set(task, name)
  }

  stop(task: TaskId, name: string): void {
    if (this.#owners.get(task) === name) this.#owners.delete(task)
  }

  assign(fingerprint: string, members: readonly MemberSubscription[]) {
    const view = { fingerprint, taskCounts: [this.#tasks], partitions: [] }
    return new Map(
      Array.from(assignTasks(view, members), ([member, assignment]): [string, MemberAssignment] => {
        const partitions = assignment.active.map((task) => ({
          topic: this.topic,
          partition: taskParts(task).partition,
        }))
        return [member, { assignment: encodeAssignment(assignment), partitions }]
      }),
    )
  }
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
  readonly #rig: GroupRig
  readonly #name: string
  readonly #fingerprint: string
  #promised: readonly TaskId[] = []
  #roster: readonly RosterEntry[] = []

  constructor(
    rig: GroupRig,
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
      assign: (members) => rig.assign(this.#fingerprint, members),
      onRejoin: async () => {
        this.rejoins++
        await options.onRejoin?.()
      },
      onAssigned: async (assignment, identity) => this.#assigned(assignment, identity),
      onLost: async (error) => this.#lose(error),
      onFatal: (error) => {
        this.fatal = error
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
      promised: this.#promised,
      stored: [],
      roster: this.#roster,
    })
  }

  async #assigned(bytes: Uint8Array, { generation }: GroupIdentity): Promise<void> {
    const assignment = decodeAssignment(bytes)
    const steps = handOver(assignment, this.owned, this.#fingerprint)
    for (const step of steps) this.#carryOut(step)
    this.#promised = assignment.promised
    this.#roster = assignment.roster
    this.generations.push(generation)
  }

  #carryOut(step: HandOverStep): void {
    if (step.kind === 'revoke') for (const task of step.tasks) this.#stop(task)
    if (step.kind === 'fence') this.fenced.push(...step.transactionalIds)
    if (step.kind === 'start') for (const task of step.tasks) this.#start(task)
    if (step.kind === 'rejoin') this.member.rejoin(step.reason)
    if (step.kind === 'expect-round') this.member.expectRound()
    if (step.kind === 'stop') throw step.error
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
    for (const task of this.owned) this.#stop(task)
    this.#promised = []
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
