/** What a member says of itself when it joins: member → leader. */
import { field, structs } from '../kafka/protocol/schema.ts'
import { type TaskId, taskId, taskParts } from '../model/ids.ts'
import { decodeVersioned, encodeVersioned, type Unreadable } from './framing.ts'
import { type RosterEntry, rosterTable, rosterToRows, rowsToRoster } from './roster.ts'
import { rowsToTasks, tasksTable, tasksToRows } from './tasks.ts'

export interface Subscription {
  /** Identity of the state directory; slots with the same one share local state. */
  readonly process: string
  /** Index of the worker within its process, from 0. */
  readonly slot: number
  readonly transactionalId: string
  /** Of the plan: members with different ones cannot share tasks. */
  readonly fingerprint: string
  /**
   * Grows with each subscription that a member sends. A broker starts no new round for a follower
   * that joins with the bytes it joined with before.
   */
  readonly sequence: number
  /**
   * Active tasks that this member runs or restores: predecessors are fenced, nobody else may have
   * them until the member joins without them.
   */
  readonly owned: readonly TaskId[]
  /** Tasks promised in the last assignment, which had to be handed over by somebody else first. */
  readonly promised: readonly TaskId[]
  /** Tasks with local state, and the sum of their changelog offsets. */
  readonly stored: readonly StoredTask[]
  /** Tasks whose stores this member keeps up to date for their owners. */
  readonly standby: readonly TaskId[]
  /** `host:port` of the member's process, for queries; empty: it has no HTTP port. */
  readonly endpoint: string
  /** Where the member runs (`zone=a`): replicas of a task are spread over values (KIP-708). */
  readonly tags: readonly MemberTag[]
  /** What the member failed with where it wants all members to stop; empty: it works. */
  readonly failure: string
  /** As handed out with the last assignment; empty before the first. */
  readonly roster: readonly RosterEntry[]
  /**
   * True when `roster` tells of everybody who may have left a transaction open: it is the last
   * round's, and a search that this round asked for has been done.
   */
  readonly rosterComplete: boolean
}

export interface StoredTask {
  readonly task: TaskId
  readonly offsetSum: number
  /** Offsets to the ends of the changelogs as the member sees them; −1: it does not know. */
  readonly lag: number
}

export interface MemberTag {
  readonly key: string
  readonly value: string
}

const table = {
  process: field('string', '0+'),
  slot: field('int32', '0+'),
  transactionalId: field('string', '0+'),
  fingerprint: field('string', '0+'),
  sequence: field('int32', '0+'),
  owned: structs(tasksTable, '0+'),
  promised: structs(tasksTable, '0+'),
  stored: structs(
    {
      subTopology: field('int32', '0+'),
      partition: field('int32', '0+'),
      offsetSum: field('int64', '0+'),
      lag: field('int64', '0+', { default: -1, tag: 0, tagged: '0+' }),
    },
    '0+',
  ),
  roster: structs(rosterTable, '0+'),
  rosterComplete: field('bool', '0+', { default: false, tag: 0, tagged: '0+' }),
  endpoint: field('string', '0+', { default: '', tag: 1, tagged: '0+' }),
  standby: structs(tasksTable, '0+', { default: [], tag: 2, tagged: '0+' }),
  tags: structs({ key: field('string', '0+'), value: field('string', '0+') }, '0+', {
    default: [],
    tag: 3,
    tagged: '0+',
  }),
  failure: field('string', '0+', { default: '', tag: 4, tagged: '0+' }),
} as const

export function encodeSubscription(subscription: Subscription): Uint8Array {
  return encodeVersioned(table, {
    ...subscription,
    owned: tasksToRows(subscription.owned),
    promised: tasksToRows(subscription.promised),
    standby: tasksToRows(subscription.standby),
    stored: subscription.stored.map(({ task, ...rest }) => ({ ...taskParts(task), ...rest })),
    roster: rosterToRows(subscription.roster),
  })
}

export function decodeSubscription(
  bytes: Uint8Array,
): { readonly kind: 'read'; readonly value: Subscription } | Unreadable {
  return decodeVersioned(table, bytes, (message) => ({
    ...message,
    owned: rowsToTasks(message.owned),
    promised: rowsToTasks(message.promised),
    standby: rowsToTasks(message.standby),
    stored: message.stored.map(({ subTopology, partition, ...rest }) => ({
      task: taskId(subTopology, partition),
      ...rest,
    })),
    roster: rowsToRoster(message.roster),
  }))
}
