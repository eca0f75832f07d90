/**
 * A group as a model: members that run what they are told, crash, leave and come back; rounds by
 * the real leader.
 */
import { expect } from '@jest/globals'
import type { Assignment } from '../../../src/group/assignment.ts'
import { assignTasks, type LeaderView } from '../../../src/group/assign.ts'
import { MemberMemory } from '../../../src/group/member-memory.ts'
import { encodeSubscription } from '../../../src/group/subscription.ts'
import { type TaskId, taskId } from '../../../src/model/ids.ts'

export interface ModelMember {
  readonly memberId: string
  readonly process: string
  readonly slot: number
  readonly transactionalId: string
  owned: ReadonlySet<TaskId>
  readonly memory: MemberMemory
}

/** What befalls a member between being described for a round and carrying out its assignment. */
export interface Mishap {
  readonly kind: 'crash-before-fencing' | 'miss'
  readonly transactionalId: string
}

export function view(taskCounts: readonly number[]): LeaderView {
  return { fingerprint: 'f1', taskCounts, partitions: [] }
}

export function allTasks(taskCounts: readonly number[]): readonly TaskId[] {
  return taskCounts.flatMap((count, sub) =>
    Array.from({ length: count }, (_, partition) => taskId(sub, partition)),
  )
}

export class GroupModel {
  readonly members = new Map<string, ModelMember>()
  readonly #view: LeaderView
  /** Expelled without knowing it, as a stopped process is. */
  readonly #asleep = new Map<string, ModelMember>()
  /** Ids with a transaction that may be open on a task: crashed, and not fenced since. */
  readonly #open = new Map<TaskId, Set<string>>()
  moved = 0
  #joins = 0

  constructor(taskCounts: readonly number[]) {
    this.#view = view(taskCounts)
  }

  get taskCounts(): readonly number[] {
    return this.#view.taskCounts
  }

  /**
   * A worker comes, or comes back under the same name with nothing but its state directory; one
   * that sleeps wakes instead.
   */
  join(process: string, slot: number): void {
    const transactionalId = `counts-${process}-${slot}`
    if (this.#slotOf(transactionalId) !== undefined) return
    if (this.#wake(transactionalId)) return
    // Whoever starts initialises its producer before it joins: that settles what its predecessor
    // left.
    this.#settle(transactionalId)
    const memberId = `${transactionalId}#${this.#joins++}`
    this.members.set(memberId, {
      memberId,
      process,
      slot,
      transactionalId,
      owned: new Set<TaskId>(),
      memory: new MemberMemory(),
    })
  }

  /** Killed in mid-transaction. */
  crash(process: string, slot: number): void {
    const member = this.#slotOf(`counts-${process}-${slot}`)
    if (member !== undefined) this.#vanish(member)
  }

  /** Stopped in mid-transaction until it joins: the group goes on without it. */
  sleep(process: string, slot: number): void {
    const member = this.#slotOf(`counts-${process}-${slot}`)
    if (member === undefined) return
    this.#vanish(member)
    this.#asleep.set(member.transactionalId, member)
  }

  #vanish(member: ModelMember): void {
    this.members.delete(member.memberId)
    for (const task of member.owned) {
      this.#open.set(task, (this.#open.get(task) ?? new Set()).add(member.transactionalId))
    }
  }

  #wake(transactionalId: string): boolean {
    const member = this.#asleep.get(transactionalId)
    if (member === undefined) return false
    this.#asleep.delete(transactionalId)
    this.members.set(member.memberId, member)
    this.#lose(member)
    return true
  }

  /** Expelled but alive: drops everything, aborts, joins again. */
  expel(process: string, slot: number): void {
    const member = this.#slotOf(`counts-${process}-${slot}`)
    if (member !== undefined) this.#lose(member)
  }

  #lose(member: ModelMember): void {
    this.#settle(member.transactionalId)
    member.owned = new Set()
    member.memory.lost()
  }

  leave(process: string, slot: number): void {
    const member = this.#slotOf(`counts-${process}-${slot}`)
    if (member !== undefined) this.members.delete(member.memberId)
  }

  #slotOf(transactionalId: string): ModelMember | undefined {
    return Array.from(this.members.values()).find((m) => m.transactionalId === transactionalId)
  }

  #settle(transactionalId: string): void {
    for (const ids of this.#open.values()) ids.delete(transactionalId)
  }

  /** One generation; answers whether somebody has to join again. */
  round(mishap?: Mishap): boolean {
    const joined = Array.from(this.members.values())
    const assignments = assignTasks(
      this.#view,
      joined.map((member) => ({
        memberId: member.memberId,
        subscription: encodeSubscription({
          process: member.process,
          slot: member.slot,
          transactionalId: member.transactionalId,
          fingerprint: 'f1',
          sequence: 1,
          owned: Array.from(member.owned),
          stored: [],
          standby: [],
          endpoint: '',
          tags: [],
          failure: '',
          ...member.memory.recall(),
        }),
      })),
    )
    this.#checkOwners(joined, assignments)
    this.#checkFences(joined, assignments)
    let again = false
    for (const member of joined) {
      const assignment = assigned(assignments, member)
      if (member.transactionalId === mishap?.transactionalId) {
        if (mishap.kind === 'crash-before-fencing') this.#vanish(member)
        continue
      }
      again = assignment.revoked.length > 0 || again
      this.#carryOut(member, assignment)
    }
    return again
  }

  #carryOut(member: ModelMember, assignment: Assignment): void {
    for (const id of assignment.fence) this.#settle(id)
    if (assignment.searchOpenTransactions) {
      for (const ids of this.#open.values()) {
        for (const id of ids) if (!assignment.members.includes(id)) ids.delete(id)
      }
    }
    this.moved += assignment.active.filter((task) => !member.owned.has(task)).length
    member.owned = new Set(assignment.active)
    member.memory.keep(assignment)
    if (assignment.searchOpenTransactions) member.memory.searched()
  }

  #checkOwners(joined: readonly ModelMember[], assignments: ReadonlyMap<string, Assignment>): void {
    const runs = new Map<TaskId, string>()
    for (const member of joined) {
      // A member runs what it claimed until it has read its assignment, and then what that says.
      const { active, revoked } = assigned(assignments, member)
      expect(revoked.filter((task) => !member.owned.has(task))).toEqual([])
      for (const task of new Set([...member.owned, ...active])) {
        const other = runs.get(task)
        if (other !== undefined) throw new Error(`${task} is ${other}'s and ${member.memberId}'s`)
        runs.set(task, member.memberId)
      }
    }
  }

  #checkFences(joined: readonly ModelMember[], assignments: ReadonlyMap<string, Assignment>): void {
    const current = new Set(joined.map((member) => member.transactionalId))
    const searched = joined.some((m) => assigned(assignments, m).searchOpenTransactions)
    for (const member of joined) {
      const { active, fence, searchOpenTransactions, members } = assigned(assignments, member)
      expect(fence.filter((id) => current.has(id))).toEqual([])
      if (searchOpenTransactions) expect(new Set(members)).toEqual(current)
      // Of the kept tasks too: what another should have searched for when they were taken over.
      const open = active
        .flatMap((task) => Array.from(this.#open.get(task) ?? []))
        .filter((id) => !fence.includes(id) && !current.has(id))
      expect(searched ? [] : open).toEqual([])
    }
  }

  /** Rounds until nobody has to join again. */
  settle(): number {
    for (let rounds = 1; ; rounds++) {
      if (!this.round()) return rounds
      expect(rounds).toBeLessThan(5)
    }
  }

  expectAllOwnedOnce(): void {
    const owned = Array.from(this.members.values(), (m) => Array.from(m.owned)).flat()
    expect(owned.toSorted()).toEqual(allTasks(this.taskCounts).toSorted())
  }

  expectBalanced(): void {
    const slots = Array.from(this.members.values())
    expectEven(slots.map((member) => member.owned.size))
    this.taskCounts.forEach((_, sub) => {
      expectEven(slots.map(({ owned }) => countOf(owned, sub)))
    })
    const processes = Map.groupBy(slots, ({ process }) => process)
    for (const sameSize of Map.groupBy(processes.values(), (some) => some.length).values()) {
      expectEven(sameSize.map((some) => some.reduce((sum, { owned }) => sum + owned.size, 0)))
    }
  }
}

function assigned(assignments: ReadonlyMap<string, Assignment>, member: ModelMember): Assignment {
  const assignment = assignments.get(member.memberId)
  if (assignment === undefined) throw new Error(`${member.memberId} has no assignment`)
  expect(assignment.refusal).toBeNull()
  return assignment
}

function countOf(owned: ReadonlySet<TaskId>, sub: number): number {
  return Array.from(owned).filter((task) => task.startsWith(`${sub}_`)).length
}

function expectEven(counts: readonly number[]): void {
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
}
