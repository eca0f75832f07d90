import { heartbeat } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { findMember } from '../groups/membership.ts'
import { keepSession } from '../groups/rebalance.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'

export const heartbeatApi = handler(heartbeat, (cluster, message, request) => ({
  answer: { throttleTimeMs: 0, errorCode: beat(cluster, message, request) },
}))

function beat(
  cluster: Cluster,
  { groupId, memberId, groupInstanceId, generationId }: Decoded<typeof heartbeat.request>,
  { node }: BrokerRequest,
): number {
  if (groupId === '') return code.invalidGroupId
  if (cluster.coordinator('group', groupId) !== node) return code.notCoordinator
  const group = cluster.groups.get(groupId)
  if (group === undefined) return code.unknownMemberId
  const member = findMember(group, memberId, groupInstanceId)
  if (typeof member === 'number') return member
  if (generationId !== group.generation) return code.illegalGeneration
  keepSession(cluster, member)
  return group.phase === 'PreparingRebalance' ? code.rebalanceInProgress : code.none
}
