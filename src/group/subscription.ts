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
    },
    '0+',
  ),
  roster: structs(rosterTable, '0+'),
  rosterComplete: field('bool', '0+', { default: false, tag: 0, tagged: '0+' }),
} as const

export function encodeSubscription(subscription: Subscription): Uint8Array {
  return encodeVersioned(table, {
    ...subscription,
    owned: tasksToRows(subscription.owned),
    promised: tasksToRows(subscription.promised),
    stored: subscription.stored.map(({ task, offsetSum }) => ({ ...taskParts(task), offsetSum })),
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
    stored: message.stored.map(({ subTopology, partition, offsetSum }) => ({
      task: taskId(subTopology, partition),
      offsetSum,
    })),
    roster: rowsToRoster(message.roster),
  }))
}
