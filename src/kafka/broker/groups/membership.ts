/** Whether a request comes from who it says it does. */
import { code } from '../codes.ts'
import type { Group, Member } from './group.ts'

/** The member, or the error code that sends the caller away. */
export function findMember(
  group: Group,
  memberId: string,
  instanceId: string | null,
): Member | number {
  if (instanceId !== null) {
    const known = group.staticMember(instanceId)
    if (known === undefined) return code.unknownMemberId
    if (known.id !== memberId) return code.fencedInstanceId
  }
  return group.members.get(memberId) ?? code.unknownMemberId
}

export interface Committer {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generation: number
}

/** Whether positions may be committed; 0 if so. */
export function commitProblem(group: Group, from: Committer, transactional: boolean): number {
  const { memberId, groupInstanceId, generation } = from
  if (generation < 0 && group.phase === 'Empty') return code.none
  if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
    const member = findMember(group, memberId, groupInstanceId)
    if (typeof member === 'number') return member
    if (generation !== group.generation) return code.illegalGeneration
  } else if (!transactional && group.phase !== 'Empty') {
    return code.unknownMemberId
  }
  // Transactional commits carry their generation; a plain one may not slip in before the sync.
  const between = !transactional && group.phase === 'CompletingRebalance'
  return between ? code.rebalanceInProgress : code.none
}
