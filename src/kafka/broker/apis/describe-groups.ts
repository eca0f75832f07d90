import { describeGroups } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import { code } from '../codes.ts'
import type { Group } from '../groups/group.ts'
import { handler } from '../handler.ts'

type Answer = Encodable<typeof describeGroups.response>['groups'][number]

/** Since this version a group that does not exist is an error and not a dead group. */
const notFoundSince = 6
const noBytes = new Uint8Array(0)

export const describeGroupsApi = handler(describeGroups, (cluster, message, request) => {
  const groups = message.groups.map((id): Answer => {
    if (cluster.coordinator('group', id) !== request.node) {
      return absent(id, code.notCoordinator, '')
    }
    const group = cluster.groups.get(id)
    if (group !== undefined) return describe(group)
    const errorCode = request.apiVersion >= notFoundSince ? code.groupIdNotFound : code.none
    return absent(id, errorCode, 'Dead')
  })
  return { answer: { throttleTimeMs: 0, groups } }
})

function absent(groupId: string, errorCode: number, groupState: string): Answer {
  const errorMessage = errorCode === code.groupIdNotFound ? `Group ${groupId} not found.` : null
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState,
    protocolType: '',
    protocolData: '',
    members: [],
  }
}

/** Protocol and metadata are told only while they are settled. */
function describe(group: Group): Answer {
  const stable = group.phase === 'Stable'
  const members = Array.from(group.members.values(), (member) => {
    const own = member.protocols.find(({ name }) => name === group.protocolName)
    return {
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: (stable ? own?.metadata : undefined) ?? noBytes,
      memberAssignment: member.assignment,
    }
  })
  return {
    errorCode: 0,
    groupId: group.id,
    groupState: group.phase,
    protocolType: group.protocolType ?? '',
    protocolData: (stable ? group.protocolName : undefined) ?? '',
    members,
  }
}
