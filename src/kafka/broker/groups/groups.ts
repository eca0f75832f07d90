/** The cluster's groups: what comes to pass by time, and by a change of coordinator. */
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { dashed, mixedId } from '../ids.ts'
import { answerJoinError, answerSyncError } from './answers.ts'
import { Group } from './group.ts'
import { completeJoin, expireInitialWait, expireSync, removeMember } from './rebalance.ts'

export class Groups {
  readonly #groups = new Map<string, Group>()
  readonly #seed: string
  #memberIds = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id)
  }

  all(): readonly Group[] {
    return [...this.#groups.values()]
  }

  getOrCreate(id: string): Group {
    let group = this.#groups.get(id)
    if (group === undefined) {
      group = new Group(id)
      this.#groups.set(id, group)
    }
    return group
  }

  delete(id: string): void {
    this.#groups.delete(id)
  }

  /** `<instance id or client id>-<uuid>`, as Apache Kafka names members. */
  newMemberId(prefix: string): string {
    return `${prefix}-${dashed(mixedId(`${this.#seed}/member`, ++this.#memberIds))}`
  }

  forgetTopic(topic: string): void {
    for (const group of this.#groups.values()) group.offsets.forgetTopic(topic)
  }

  tick(cluster: Cluster): void {
    for (const group of this.#groups.values()) tickGroup(cluster, group)
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY
    for (const group of this.#groups.values()) next = Math.min(next, group.nextDeadline())
    return next
  }

  /**
   * The group's coordinator moved: what waits there is sent away, and sessions begin anew, as when
   * the new coordinator has loaded the group.
   */
  moved(cluster: Cluster, id: string): void {
    const group = this.#groups.get(id)
    if (group === undefined) return
    for (const member of group.members.values()) {
      answerJoinError(cluster, member, code.notCoordinator)
      answerSyncError(cluster, member, code.notCoordinator)
      member.deadlineMs = cluster.nowMs + member.sessionTimeoutMs
    }
    // A first generation that was never complete is nothing that a log would have.
    if (group.phase === 'PreparingRebalance' && group.previousPhase === 'Empty') group.clear()
  }
}

function tickGroup(cluster: Cluster, group: Group): void {
  const { nowMs } = cluster
  for (const [memberId, deadlineMs] of group.expected) {
    if (deadlineMs > nowMs) continue
    group.remove(memberId)
    if (group.phase === 'PreparingRebalance' && group.allJoined) completeJoin(cluster, group)
  }
  for (const member of group.members.values()) {
    if (member.deadlineMs > nowMs) continue
    member.deadlineMs = Number.POSITIVE_INFINITY
    // Whoever waits for an answer is alive; but a new member may not wait for ever.
    const waits = member.join !== undefined || member.sync !== undefined
    if (member.isNew || !waits) removeMember(cluster, group, member)
  }
  if (group.joinDeadlineMs <= nowMs) expireInitialWait(cluster, group)
  if (group.syncDeadlineMs <= nowMs) expireSync(cluster, group)
}
