/**
 * The rebalance: everybody joins, the leader assigns, everybody syncs. Rules and time-outs are
 * those
 * of Apache Kafka's classic groups.
 */
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { answerJoinError, answerSyncError, sendJoined, sendSynced } from './answers.ts'
import type { Group, Member } from './group.ts'

const never = Number.POSITIVE_INFINITY
const noAssignment = new Uint8Array(0)

export function keepSession(cluster: Cluster, member: Member): void {
  member.deadlineMs = cluster.nowMs + member.sessionTimeoutMs
}

/** A member came, went or changed: a new round begins, or the one under way may be complete. */
export function rebalanceOrCompleteJoin(cluster: Cluster, group: Group): void {
  if (group.canRebalance) prepareRebalance(cluster, group)
  else maybeCompleteJoin(cluster, group)
}

export function prepareRebalance(cluster: Cluster, group: Group): void {
  if (group.phase === 'CompletingRebalance') {
    for (const member of group.members.values()) {
      member.assignment = noAssignment
      if (member.sync !== undefined) keepSession(cluster, member)
      answerSyncError(cluster, member, code.rebalanceInProgress)
    }
  }
  group.unsynced.clear()
  group.syncDeadlineMs = never
  const initial = group.phase === 'Empty'
  group.enter('PreparingRebalance')
  if (initial) {
    const delayMs = cluster.options.initialRebalanceDelayMs
    group.initialWaitMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0)
    group.joinDeadlineMs = cluster.nowMs + delayMs
    return
  }
  if (group.allJoined) completeJoin(cluster, group)
  else group.joinDeadlineMs = cluster.nowMs + group.rebalanceTimeoutMs
}

export function maybeCompleteJoin(cluster: Cluster, group: Group): void {
  if (group.phase !== 'PreparingRebalance' || group.previousPhase === 'Empty') return
  if (group.allJoined) completeJoin(cluster, group)
}

/** The first round of an empty group waits on while members keep coming, up to its limit. */
export function expireInitialWait(cluster: Cluster, group: Group): void {
  const { initialRebalanceDelayMs } = cluster.options
  if (group.previousPhase === 'Empty' && group.joinedMeanwhile && group.initialWaitMs > 0) {
    group.joinedMeanwhile = false
    const delayMs = Math.min(initialRebalanceDelayMs, group.initialWaitMs)
    group.initialWaitMs = Math.max(group.initialWaitMs - delayMs, 0)
    group.joinDeadlineMs = cluster.nowMs + delayMs
    return
  }
  completeJoin(cluster, group)
}

/** Ends the joining: dynamic members that did not come are out, static ones keep their place. */
export function completeJoin(cluster: Cluster, group: Group): void {
  group.joinDeadlineMs = never
  for (const member of group.members.values()) {
    if (member.join === undefined && member.instanceId === null) group.remove(member.id)
  }
  if (!group.electLeader() && group.members.size > 0) {
    // Nobody came: wait until sessions expire or somebody does.
    group.joinDeadlineMs = cluster.nowMs + group.rebalanceTimeoutMs
    return
  }
  group.nextGeneration()
  if (group.phase === 'Empty') return
  for (const member of group.members.values()) {
    if (member.join !== undefined) sendJoined(cluster, group, member, member.join)
    member.join = undefined
    member.isNew = false
    keepSession(cluster, member)
    group.unsynced.add(member.id)
  }
  group.syncDeadlineMs = cluster.nowMs + group.rebalanceTimeoutMs
}

/** The leader's assignment is there: everybody who waits gets its part. */
export function completeSync(
  cluster: Cluster,
  group: Group,
  assignments: ReadonlyMap<string, Uint8Array>,
): void {
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.id) ?? noAssignment
    if (member.sync === undefined) continue
    sendSynced(cluster, group, member, member.sync)
    member.sync = undefined
    keepSession(cluster, member)
  }
  group.enter('Stable')
}

export function noteSynced(group: Group, memberId: string): void {
  group.unsynced.delete(memberId)
  if (group.unsynced.size === 0) group.syncDeadlineMs = never
}

/** Members that joined and never asked for their assignment are out. */
export function expireSync(cluster: Cluster, group: Group): void {
  group.syncDeadlineMs = never
  const rebalanced = group.phase === 'CompletingRebalance' || group.phase === 'Stable'
  if (!rebalanced || group.unsynced.size === 0) return
  for (const memberId of group.unsynced) group.remove(memberId)
  prepareRebalance(cluster, group)
}

/** A member's session ended, or it left. */
export function removeMember(cluster: Cluster, group: Group, member: Member): void {
  answerJoinError(cluster, member, code.unknownMemberId)
  group.remove(member.id)
  if (group.phase === 'Stable' || group.phase === 'CompletingRebalance') {
    rebalanceOrCompleteJoin(cluster, group)
  } else if (group.phase === 'PreparingRebalance' && group.allJoined) {
    completeJoin(cluster, group)
  }
}
