/** Members of a group with the data that they exchange. */
import { decodeAssignment, decodeSubscription } from '../../protocol/consumer-protocol.ts'
import { describeGroups } from '../../protocol/messages/index.ts'
import type { ClientContext } from '../context.ts'
import { check } from '../failure.ts'
import type { GroupMemberData } from '../port.ts'

/** States of a group without members. */
const gone = ['Empty', 'Dead']
const noBytes = new Uint8Array(0)

/** Undefined while the group is between two generations, or empty. */
export async function members(
  { requests, coordinators, requestTimeoutMs }: ClientContext,
  groupId: string,
): Promise<readonly GroupMemberData[] | undefined> {
  const doing = `reading the members of group ${groupId}`
  const rules = {
    doing,
    timeoutMs: requestTimeoutMs,
    refresh: () => coordinators.forget('group', groupId),
  }
  return requests.retrying(rules, async (timeoutMs) => {
    const answer = await requests.send(describeGroups, {
      node: await coordinators.of('group', groupId, timeoutMs),
      max: 5,
      message: { groups: [groupId], includeAuthorizedOperations: false },
      timeoutMs,
    })
    const [group] = answer.groups
    check(group?.errorCode ?? 0, doing)
    if (group === undefined || gone.includes(group.groupState)) return []
    if (group.groupState !== 'Stable') return undefined
    return group.members.map(({ memberId, memberMetadata, memberAssignment }) => ({
      memberId,
      subscription: userData(memberMetadata, decodeSubscription),
      assignment: userData(memberAssignment, decodeAssignment),
    }))
  })
}

function userData(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => { readonly userData: Uint8Array | null },
): Uint8Array {
  return bytes.length === 0 ? noBytes : (decode(bytes).userData ?? noBytes)
}
