import { joinGroup } from '../../protocol/messages/index.ts'
import { code } from '../codes.ts'
import { sendJoinError } from '../groups/answers.ts'
import { join } from '../groups/join.ts'
import { handler } from '../handler.ts'

export const joinGroupApi = handler(joinGroup, (cluster, message, request) => {
  const { groupId, memberId, sessionTimeoutMs } = message
  const { sessionTimeoutMsMin, sessionTimeoutMsMax } = cluster.options
  const known = cluster.groups.get(groupId)
  if (groupId === '') {
    sendJoinError(cluster, request, code.invalidGroupId, memberId)
  } else if (cluster.coordinator('group', groupId) !== request.node) {
    sendJoinError(cluster, request, code.notCoordinator, memberId)
  } else if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax) {
    sendJoinError(cluster, request, code.invalidSessionTimeout, memberId)
  } else if (known === undefined && memberId !== '') {
    sendJoinError(cluster, request, code.unknownMemberId, memberId)
  } else {
    join(cluster, known ?? cluster.groups.getOrCreate(groupId), message, request)
  }
  return 'later'
})
