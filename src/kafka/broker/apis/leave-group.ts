import { leaveGroup } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { answerJoinError } from '../groups/answers.ts'
import type { Group, Member } from '../groups/group.ts'
import { findMember } from '../groups/membership.ts'
import { maybeCompleteJoin, rebalanceOrCompleteJoin } from '../groups/rebalance.ts'
import { handler } from '../handler.ts'

type Leaving = Decoded<typeof leaveGroup.request>['members'][number]

/** Since this version several members may leave at once, by instance id too (KIP-345). */
const severalSince = 3

export const leaveGroupApi = handler(leaveGroup, (cluster, message, request) => {
  const { groupId } = message
  const refuse = (errorCode: number) => ({
    answer: { throttleTimeMs: 0, errorCode, members: [] },
  })
  if (groupId === '') return refuse(code.invalidGroupId)
  if (cluster.coordinator('group', groupId) !== request.node) return refuse(code.notCoordinator)
  const single = { memberId: message.memberId, groupInstanceId: null, reason: null }
  const several = request.apiVersion >= severalSince
  const leaving = several ? message.members : [single]
  const group = cluster.groups.get(groupId)
  const members = leaving.map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    errorCode: group === undefined ? code.unknownMemberId : leave(cluster, group, member),
  }))
  const left = members.some(({ errorCode }) => errorCode === code.none)
  if (group !== undefined && left) afterLeaving(cluster, group)
  if (!several) return refuse(members[0]?.errorCode ?? code.none)
  return { answer: { throttleTimeMs: 0, errorCode: 0, members } }
})

function leave(cluster: Cluster, group: Group, { memberId, groupInstanceId }: Leaving): number {
  if (group.expected.delete(memberId)) return code.none
  const member = leavingMember(group, memberId, groupInstanceId)
  if (typeof member === 'number') return member
  answerJoinError(cluster, member, code.unknownMemberId)
  group.remove(member.id)
  return code.none
}

/** An administrator removes a static member by its instance id alone. */
function leavingMember(group: Group, memberId: string, instanceId: string | null): Member | number {
  if (memberId !== '') return findMember(group, memberId, instanceId)
  const member = instanceId === null ? undefined : group.staticMember(instanceId)
  return member ?? code.unknownMemberId
}

function afterLeaving(cluster: Cluster, group: Group): void {
  if (group.phase === 'Stable' || group.phase === 'CompletingRebalance') {
    rebalanceOrCompleteJoin(cluster, group)
  } else {
    maybeCompleteJoin(cluster, group)
  }
}
