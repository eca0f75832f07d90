/** Who has what, from what the members of a group told and were told: where queries go. */
import type { TaskId } from '../model/ids.ts'
import { decodeAssignment } from './assignment.ts'
import { decodeSubscription } from './subscription.ts'

export interface MemberData {
  readonly subscription: Uint8Array
  readonly assignment: Uint8Array
}

/** One worker of the group. */
export interface Place {
  readonly process: string
  readonly slot: number
  /** `host:port`; empty: it has no HTTP port. */
  readonly endpoint: string
  readonly active: readonly TaskId[]
  /** Warming ones among them. */
  readonly standby: readonly TaskId[]
}

/** Members whose data is of another version are left out. */
export function placesOf(members: readonly MemberData[]): readonly Place[] {
  return members.flatMap(({ subscription, assignment }) => {
    const told = decodeSubscription(subscription)
    if (told.kind !== 'read' || assignment.length === 0) return []
    const { process, slot, endpoint } = told.value
    const { active, standby, warming } = decodeAssignment(assignment)
    return [{ process, slot, endpoint, active, standby: [...standby, ...warming] }]
  })
}
