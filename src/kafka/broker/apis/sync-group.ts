import { syncGroup } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import { assertNever } from '../../../model/errors.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { sendSynced, sendSyncError } from '../groups/answers.ts'
import type { Group, Member } from '../groups/group.ts'
import { findMember } from '../groups/membership.ts'
import { completeSync, noteSynced } from '../groups/rebalance.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'

type SyncRequest = Decoded<typeof syncGroup.request>

/** Since this version a member has to say which protocol it thinks was chosen. */
const protocolRequiredSince = 5

export const syncGroupApi = handler(syncGroup, (cluster, message, request) => {
  const group = cluster.groups.get(message.groupId)
  const member = syncingMember(cluster, group, message, request)
  if (typeof member === 'number') sendSyncError(cluster, request, member)
  else if (group !== undefined) sync(cluster, group, member, message, request)
  return 'later'
})

function syncingMember(
  cluster: Cluster,
  group: Group | undefined,
  message: SyncRequest,
  { node, apiVersion }: BrokerRequest,
): Member | number {
  const { groupId, protocolType, protocolName } = message
  if (groupId === '') return code.invalidGroupId
  if (cluster.coordinator('group', groupId) !== node) return code.notCoordinator
  const named = protocolType !== null && protocolName !== null
  if (apiVersion >= protocolRequiredSince && !named) return code.inconsistentGroupProtocol
  if (group === undefined || group.phase === 'Empty') return code.unknownMemberId
  const member = findMember(group, message.memberId, message.groupInstanceId)
  if (typeof member === 'number') return member
  if (message.generationId !== group.generation) return code.illegalGeneration
  const otherType = protocolType !== null && protocolType !== group.protocolType
  const otherName = protocolName !== null && protocolName !== group.protocolName
  return otherType || otherName ? code.inconsistentGroupProtocol : member
}

function sync(
  cluster: Cluster,
  group: Group,
  member: Member,
  message: SyncRequest,
  request: BrokerRequest,
): void {
  switch (group.phase) {
    case 'PreparingRebalance':
      sendSyncError(cluster, request, code.rebalanceInProgress)
      return
    case 'CompletingRebalance': {
      member.sync = request
      noteSynced(group, member.id)
      if (group.leaderId !== member.id) return
      const assignments = message.assignments.map(
        ({ memberId, assignment }) => [memberId, Uint8Array.from(assignment)] as const,
      )
      completeSync(cluster, group, new Map(assignments))
      return
    }
    case 'Stable':
      noteSynced(group, member.id)
      sendSynced(cluster, group, member, request)
      return
    case 'Empty':
      sendSyncError(cluster, request, code.unknownMemberId)
      return
    default:
      assertNever(group.phase)
  }
}
