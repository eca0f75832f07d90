import { listGroups } from '../../protocol/messages/index.ts'
import { handler } from '../handler.ts'

const classic = 'classic'

/** Each node lists what it coordinates. */
export const listGroupsApi = handler(listGroups, (cluster, message, request) => {
  const states = message.statesFilter.map((state) => state.toLowerCase())
  const types = message.typesFilter.map((type) => type.toLowerCase())
  const groups = cluster.groups
    .all()
    .filter(({ id }) => cluster.coordinator('group', id) === request.node)
    .filter(({ phase }) => states.length === 0 || states.includes(phase.toLowerCase()))
    .filter(() => types.length === 0 || types.includes(classic))
    .map(({ id, protocolType, phase }) => ({
      groupId: id,
      protocolType: protocolType ?? '',
      groupState: phase,
      groupType: classic,
    }))
  return { answer: { throttleTimeMs: 0, errorCode: 0, groups } }
})
