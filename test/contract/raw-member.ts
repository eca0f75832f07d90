/** A group member by bare requests, for rows that need a generation and not a membership. */
import { eventually } from '../../cluster/eventually.ts'
import { check } from '../../src/kafka/client/failure.ts'
import type { ClientContext } from '../../src/kafka/client/context.ts'
import type { GroupIdentity } from '../../src/kafka/client/port.ts'
import { joinGroup, leaveGroup, syncGroup } from '../../src/kafka/protocol/messages/index.ts'
import { generation } from '../../src/model/ids.ts'

const memberIdRequired = 79
/** A fresh broker's coordinator: loading, not available, not there yet. */
const notReady = [14, 15, 16]
const protocol = { protocolType: 'contract', protocolName: 'alone' }
const nothing = new Uint8Array(1)

/** Joins as the only member (again, with a member id) and is given a generation. */
export async function joinAlone(
  { requests, coordinators, wire }: ClientContext,
  groupId: string,
  { memberId = '', instanceId = null as string | null, sessionTimeoutMs = 10_000 } = {},
): Promise<GroupIdentity> {
  const node = await coordinators.of('group', groupId)
  const lane = wire.lane('group')
  const timeoutMs = 15_000
  const join = (member: string) =>
    requests.send(joinGroup, {
      node,
      lane,
      timeoutMs,
      message: {
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs: 10_000,
        memberId: member,
        groupInstanceId: instanceId,
        protocolType: protocol.protocolType,
        protocols: [{ name: protocol.protocolName, metadata: nothing }],
      },
    })
  let joined = await eventually(async () => {
    const answer = await join(memberId)
    if (notReady.includes(answer.errorCode)) check(answer.errorCode, 'joining')
    return answer
  })
  if (joined.errorCode === memberIdRequired) joined = await join(joined.memberId)
  check(joined.errorCode, 'joining')
  const { memberId: own, generationId } = joined
  const synced = await requests.send(syncGroup, {
    node,
    lane,
    timeoutMs,
    message: {
      groupId,
      generationId,
      memberId: own,
      groupInstanceId: instanceId,
      ...protocol,
      assignments: [{ memberId: own, assignment: nothing }],
    },
  })
  check(synced.errorCode, 'taking the assignment')
  return { groupId, memberId: own, instanceId, generation: generation(generationId) }
}

/** The member is gone at once, as after its session time-out. */
export async function expel(
  { requests, coordinators }: ClientContext,
  { groupId, memberId, instanceId }: GroupIdentity,
): Promise<void> {
  const answer = await requests.send(leaveGroup, {
    node: await coordinators.of('group', groupId),
    timeoutMs: 15_000,
    message: { groupId, memberId, members: [{ memberId, groupInstanceId: instanceId }] },
  })
  check(answer.errorCode, 'leaving')
}
