import { deleteGroups } from '../../protocol/messages/index.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'

export const deleteGroupsApi = handler(deleteGroups, (cluster, message, request) => {
  const results = message.groupsNames.map((groupId) => ({
    groupId,
    errorCode:
      cluster.coordinator('group', groupId) === request.node
        ? remove(cluster, groupId)
        : code.notCoordinator,
  }))
  return { answer: { throttleTimeMs: 0, results } }
})

function remove(cluster: Cluster, groupId: string): number {
  const group = cluster.groups.get(groupId)
  if (group === undefined) return code.groupIdNotFound
  if (group.phase !== 'Empty') return code.nonEmptyGroup
  cluster.groups.delete(groupId)
  return code.none
}
