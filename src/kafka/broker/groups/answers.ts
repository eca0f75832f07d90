/** Answers to the requests that members wait for. */
import { joinGroup, syncGroup } from '../../protocol/messages/index.ts'
import type { Cluster } from '../cluster.ts'
import type { BrokerRequest } from '../request.ts'
import type { Group, Member } from './group.ts'

const nullableNameSince = 7
const noBytes = new Uint8Array(0)

/** A group as its leader sees it: every member with what it said of itself. */
function membersFor(group: Group) {
  return Array.from(group.members.values(), ({ id, instanceId, protocols }) => ({
    memberId: id,
    groupInstanceId: instanceId,
    metadata: protocols.find(({ name }) => name === group.protocolName)?.metadata ?? noBytes,
  }))
}

/** Tells a member the present generation; the leader is told everybody. */
export function sendJoined(
  cluster: Cluster,
  group: Group,
  member: Member,
  request: BrokerRequest,
  options: { readonly skipAssignment?: boolean; readonly leader?: string } = {},
): void {
  const leader = options.leader ?? group.leaderId ?? ''
  cluster.respond(request, joinGroup, {
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: group.generation,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName ?? null,
    leader,
    skipAssignment: options.skipAssignment ?? false,
    memberId: member.id,
    members: leader === member.id ? membersFor(group) : [],
  })
}

export function sendJoinError(
  cluster: Cluster,
  request: BrokerRequest,
  errorCode: number,
  memberId = '',
): void {
  const protocolName = request.apiVersion >= nullableNameSince ? null : ''
  cluster.respond(request, joinGroup, {
    throttleTimeMs: 0,
    errorCode,
    protocolName,
    leader: '',
    memberId,
    members: [],
  })
}

/** Answers the JoinGroup that a member waits with, if it does. */
export function answerJoinError(
  cluster: Cluster,
  member: Member,
  errorCode: number,
  memberId = '',
): void {
  if (member.join === undefined) return
  sendJoinError(cluster, member.join, errorCode, memberId)
  member.join = undefined
}

export function sendSynced(
  cluster: Cluster,
  group: Group,
  member: Member,
  request: BrokerRequest,
): void {
  cluster.respond(request, syncGroup, {
    throttleTimeMs: 0,
    errorCode: 0,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName ?? null,
    assignment: member.assignment,
  })
}

export function sendSyncError(cluster: Cluster, request: BrokerRequest, errorCode: number): void {
  cluster.respond(request, syncGroup, { throttleTimeMs: 0, errorCode, assignment: noBytes })
}

/** Answers the SyncGroup that a member waits with, if it does. */
export function answerSyncError(cluster: Cluster, member: Member, errorCode: number): void {
  if (member.sync === undefined) return
  sendSyncError(cluster, member.sync, errorCode)
  member.sync = undefined
}
