/** JoinGroup: who becomes a member, and whether that begins a new round. */
import type { joinGroup } from '../../protocol/messages/index.ts'
import { assertNever } from '../../../model/errors.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import type { BrokerRequest } from '../request.ts'
import { answerJoinError, answerSyncError, sendJoined, sendJoinError } from './answers.ts'
import { type Group, type Member, type MemberProtocol, sameProtocols } from './group.ts'
import { findMember } from './membership.ts'
import {
  keepSession,
  maybeCompleteJoin,
  prepareRebalance,
  rebalanceOrCompleteJoin,
} from './rebalance.ts'

type JoinRequest = Decoded<typeof joinGroup.request>

/** Since this version a dynamic member gets its id first and joins with it (KIP-394). */
const memberIdRequiredSince = 4
/** Since this version a returning static leader may be told to leave the assignment as it is. */
const skipAssignmentSince = 9
/** A new member waits no longer than this for its first answer. */
const newMemberTimeoutMs = 5 * 60 * 1000

export function join(
  cluster: Cluster,
  group: Group,
  message: JoinRequest,
  request: BrokerRequest,
): void {
  const { memberId, groupInstanceId, protocolType } = message
  const protocols = ownProtocols(message)
  if (!group.supports(protocolType, protocols)) {
    sendJoinError(cluster, request, code.inconsistentGroupProtocol, memberId)
    return
  }
  if (memberId !== '') {
    joinKnown(cluster, group, message, request)
    return
  }
  const newId = cluster.groups.newMemberId(groupInstanceId ?? request.clientId ?? '')
  const old = groupInstanceId === null ? undefined : group.staticMember(groupInstanceId)
  if (old !== undefined) {
    replaceStatic(cluster, group, old, newId, message, request)
  } else if (groupInstanceId === null && request.apiVersion >= memberIdRequiredSince) {
    group.expected.set(newId, cluster.nowMs + message.sessionTimeoutMs)
    sendJoinError(cluster, request, code.memberIdRequired, newId)
  } else {
    addMember(cluster, group, newId, message, request)
  }
}

/** Bytes of a request may be used again by its sender: what is kept is copied. */
function ownProtocols(message: JoinRequest): readonly MemberProtocol[] {
  return message.protocols.map(({ name, metadata }) => ({
    name,
    metadata: Uint8Array.from(metadata),
  }))
}

function rebalanceTimeout({ rebalanceTimeoutMs, sessionTimeoutMs }: JoinRequest): number {
  return rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs
}

function addMember(
  cluster: Cluster,
  group: Group,
  id: string,
  message: JoinRequest,
  request: BrokerRequest,
): void {
  if (group.phase === 'PreparingRebalance' && group.previousPhase === 'Empty') {
    group.joinedMeanwhile = true
  }
  const member: Member = {
    id,
    instanceId: message.groupInstanceId,
    clientId: request.clientId ?? '',
    clientHost: request.clientHost,
    sessionTimeoutMs: message.sessionTimeoutMs,
    rebalanceTimeoutMs: rebalanceTimeout(message),
    protocols: ownProtocols(message),
    assignment: new Uint8Array(0),
    join: request,
    sync: undefined,
    isNew: true,
    deadlineMs: cluster.nowMs + newMemberTimeoutMs,
  }
  group.add(member, message.protocolType)
  rebalanceOrCompleteJoin(cluster, group)
}

function update(member: Member, message: JoinRequest, request: BrokerRequest): void {
  member.protocols = ownProtocols(message)
  member.rebalanceTimeoutMs = rebalanceTimeout(message)
  member.sessionTimeoutMs = message.sessionTimeoutMs
  member.join = request
}

function joinKnown(
  cluster: Cluster,
  group: Group,
  message: JoinRequest,
  request: BrokerRequest,
): void {
  const { memberId } = message
  if (group.expected.has(memberId)) {
    addMember(cluster, group, memberId, message, request)
    return
  }
  const member = findMember(group, memberId, message.groupInstanceId)
  if (typeof member === 'number') {
    sendJoinError(cluster, request, member, memberId)
    return
  }
  const unchanged = sameProtocols(member.protocols, ownProtocols(message))
  switch (group.phase) {
    case 'PreparingRebalance':
      break
    case 'CompletingRebalance':
      // The answer to its first join may have been lost.
      if (unchanged) return sendJoined(cluster, group, member, request)
      break
    case 'Stable':
      // The leader may ask for a new round without a change of its own: of topics, say.
      if (unchanged && group.leaderId !== memberId) {
        return sendJoined(cluster, group, member, request)
      }
      break
    case 'Empty':
      return sendJoinError(cluster, request, code.unknownMemberId, memberId)
    default:
      return assertNever(group.phase)
  }
  update(member, message, request)
  rebalanceOrCompleteJoin(cluster, group)
}

/** A static member is back under a new id: its predecessor is fenced (KIP-345). */
function replaceStatic(
  cluster: Cluster,
  group: Group,
  old: Member,
  newId: string,
  message: JoinRequest,
  request: BrokerRequest,
): void {
  const leaderBefore = group.leaderId ?? ''
  answerJoinError(cluster, old, code.fencedInstanceId, old.id)
  answerSyncError(cluster, old, code.fencedInstanceId)
  const member: Member = { ...old, id: newId, isNew: false }
  group.members.delete(old.id)
  group.unsynced.delete(old.id)
  group.members.set(newId, member)
  if (group.leaderId === old.id) group.leaderId = newId
  update(member, message, request)
  keepSession(cluster, member)
  if (group.phase === 'CompletingRebalance') return prepareRebalance(cluster, group)
  if (group.phase !== 'Stable') return maybeCompleteJoin(cluster, group)
  if (group.selectProtocol() !== group.protocolName) return rebalanceOrCompleteJoin(cluster, group)
  // Nothing changed for the others: the same generation, with the assignment that it had.
  member.join = undefined
  const skips = request.apiVersion >= skipAssignmentSince
  sendJoined(cluster, group, member, request, {
    skipAssignment: skips && group.leaderId === newId,
    // An older leader would assign if it were told that it leads: it is shown its former self.
    ...(skips ? {} : { leader: leaderBefore }),
  })
}
