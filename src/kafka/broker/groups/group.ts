/** One consumer group of the classic protocol: its members, and where its rebalance stands. */
import type { BrokerRequest } from '../request.ts'
import { GroupOffsets } from './group-offsets.ts'

export type GroupPhase = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

export interface MemberProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

export interface Member {
  readonly id: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: readonly MemberProtocol[]
  assignment: Uint8Array
  /** The JoinGroup that waits for the others. */
  join: BrokerRequest | undefined
  /** The SyncGroup that waits for the leader's assignment. */
  sync: BrokerRequest | undefined
  /** Whether its first join is still to be answered: until then it has no session to keep up. */
  isNew: boolean
  /** When it is expelled, unless it is heard of. */
  deadlineMs: number
}

const never = Number.POSITIVE_INFINITY

export class Group {
  readonly id: string
  readonly offsets = new GroupOffsets()
  readonly members = new Map<string, Member>()
  /** Members that were given an id and are to join with it, and until when. */
  readonly expected = new Map<string, number>()
  /** Members whose SyncGroup of this generation is missing. */
  readonly unsynced = new Set<string>()
  generation = 0
  protocolType: string | undefined
  protocolName: string | undefined
  leaderId: string | undefined
  /** When the joining ends without those that are missing. */
  joinDeadlineMs = never
  syncDeadlineMs = never
  /** The first rebalance of an empty group: what is left of the time that it may wait for more. */
  initialWaitMs = 0
  joinedMeanwhile = false
  #phase: GroupPhase = 'Empty'
  #previous: GroupPhase = 'Empty'

  constructor(id: string) {
    this.id = id
  }

  get phase(): GroupPhase {
    return this.#phase
  }

  /** The phase before this one. */
  get previousPhase(): GroupPhase {
    return this.#previous
  }

  enter(phase: GroupPhase): void {
    this.#previous = this.#phase
    this.#phase = phase
  }

  get canRebalance(): boolean {
    return this.#phase !== 'PreparingRebalance'
  }

  get allJoined(): boolean {
    if (this.expected.size > 0) return false
    for (const member of this.members.values()) if (member.join === undefined) return false
    return true
  }

  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const { rebalanceTimeoutMs } of this.members.values()) {
      longest = Math.max(longest, rebalanceTimeoutMs)
    }
    return longest
  }

  /** The member that has the instance id. */
  staticMember(instanceId: string): Member | undefined {
    for (const member of this.members.values()) {
      if (member.instanceId === instanceId) return member
    }
    return undefined
  }

  add(member: Member, protocolType: string): void {
    if (this.members.size === 0) this.protocolType = protocolType
    this.leaderId ??= member.id
    this.members.set(member.id, member)
    this.expected.delete(member.id)
  }

  remove(memberId: string): void {
    this.members.delete(memberId)
    this.expected.delete(memberId)
    this.unsynced.delete(memberId)
    if (this.leaderId !== memberId) return
    const [next] = this.members.keys()
    this.leaderId = next
  }

  /** A leader that joined: the present one, or the first that did. Whether there is one. */
  electLeader(): boolean {
    const leader = this.leaderId === undefined ? undefined : this.members.get(this.leaderId)
    if (leader === undefined) return false
    if (leader.join !== undefined) return true
    for (const member of this.members.values()) {
      if (member.join === undefined) continue
      this.leaderId = member.id
      return true
    }
    return false
  }

  /** Whether a member with these protocols can be one. */
  supports(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (protocolType === '' || protocols.length === 0) return false
    if (this.members.size === 0) return true
    if (this.protocolType !== protocolType) return false
    const common = this.#commonProtocols()
    return protocols.some(({ name }) => common.includes(name))
  }

  #commonProtocols(): readonly string[] {
    const [first, ...others] = this.members.values()
    const names = first?.protocols.map(({ name }) => name) ?? []
    return names.filter((name) =>
      others.every(({ protocols }) => protocols.some((protocol) => protocol.name === name)),
    )
  }

  /** Each member votes for the first of its protocols that all have; most votes win. */
  selectProtocol(): string | undefined {
    const common = this.#commonProtocols()
    const votes = new Map<string, number>()
    for (const { protocols } of this.members.values()) {
      const vote = protocols.find(({ name }) => common.includes(name))?.name
      if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1)
    }
    let winner: string | undefined
    for (const [name, count] of votes) {
      if (winner === undefined || count > (votes.get(winner) ?? 0)) winner = name
    }
    return winner
  }

  /** Forgets all members, as if none had come yet. */
  clear(): void {
    this.members.clear()
    this.expected.clear()
    this.unsynced.clear()
    this.leaderId = undefined
    this.protocolType = undefined
    this.joinDeadlineMs = never
    this.joinedMeanwhile = false
    this.enter('Empty')
  }

  nextGeneration(): void {
    this.generation++
    this.unsynced.clear()
    this.joinDeadlineMs = never
    if (this.members.size === 0) {
      this.protocolName = undefined
      this.enter('Empty')
      return
    }
    this.protocolName = this.selectProtocol()
    this.enter('CompletingRebalance')
  }

  nextDeadline(): number {
    let next = Math.min(this.joinDeadlineMs, this.syncDeadlineMs)
    for (const deadlineMs of this.expected.values()) next = Math.min(next, deadlineMs)
    for (const { deadlineMs } of this.members.values()) next = Math.min(next, deadlineMs)
    return next
  }
}

export function sameProtocols(
  one: readonly MemberProtocol[],
  other: readonly MemberProtocol[],
): boolean {
  if (one.length !== other.length) return false
  return one.every(({ name, metadata }, i) => {
    const against = other[i]
    if (against?.name !== name || against.metadata.length !== metadata.length) return false
    return metadata.every((byte, at) => byte === against.metadata[at])
  })
}
