/** What the leader tells a member: leader → member. */
import { field, list, structs } from '../kafka/protocol/schema.ts'
import { StreamError } from '../model/errors.ts'
import type { TaskId } from '../model/ids.ts'
import { decodeVersioned, encodeVersioned } from './framing.ts'
import { type RosterEntry, rosterTable, rosterToRows, rowsToRoster } from './roster.ts'
import { rowsToTasks, tasksTable, tasksToRows } from './tasks.ts'

export interface Assignment {
  /**
   * Tasks that the member runs in this generation: those it keeps and new ones that nobody else
   * has.
   */
  readonly active: readonly TaskId[]
  /**
   * Owned tasks to give up at once; the member then joins again, and the next round hands them
   * over.
   */
  readonly revoked: readonly TaskId[]
  /**
   * Tasks that others still have to give up: they come in a later round, so their state may be
   * warmed up.
   */
  readonly promised: readonly TaskId[]
  /** Tasks whose stores the member keeps up to date from their changelogs for their owners. */
  readonly standby: readonly TaskId[]
  /**
   * As `standby`, of tasks that the member is to own: it joins again when their stores are level.
   */
  readonly warming: readonly TaskId[]
  /**
   * Ids of vanished members that may have left a transaction open on the new tasks; never one of a
   * member.
   */
  readonly fence: readonly string[]
  /** True when some member revokes tasks: another round follows as soon as it has. */
  readonly followedByRound: boolean
  /**
   * True for one member when no survivor knows who ran all the tasks before: it looks for open
   * transactions of the application whose id is not in `members`, and fences those. The others just
   * wait for stable positions. When it dies before that, the next round has another one search.
   */
  readonly searchOpenTransactions: boolean
  /**
   * For the member that searches: transactional ids of all members of this generation, never to be
   * fenced.
   */
  readonly members: readonly string[]
  /** To keep and to send back with the next subscription; empty where enough others keep it. */
  readonly roster: readonly RosterEntry[]
  /**
   * True when `roster` tells of everybody who may have left a transaction open; false where it is
   * not kept and, also for the member that searches, as long as a search has to show who that is.
   */
  readonly rosterComplete: boolean
  /**
   * Partition counts as the leader saw them: all members go by these; empty: by what they know
   * already.
   */
  readonly partitions: readonly PartitionCount[]
  /** Set when the member cannot take part; then there is nothing else in the assignment. */
  readonly refusal: Refusal | null
}

export interface PartitionCount {
  readonly topic: string
  readonly partitions: number
}

const refusalReasons = ['topology-mismatch', 'unreadable', 'application-failed'] as const

/** Why a member gets nothing and has to leave. */
export interface Refusal {
  readonly reason: (typeof refusalReasons)[number]
  /**
   * The group's fingerprint, what was wrong with the member's data, or what another one failed
   * with.
   */
  readonly detail: string
}

const table = {
  active: structs(tasksTable, '0+'),
  revoked: structs(tasksTable, '0+'),
  promised: structs(tasksTable, '0+'),
  followedByRound: field('bool', '0+'),
  fence: list('string', '0+'),
  searchOpenTransactions: field('bool', '0+'),
  members: list('string', '0+'),
  roster: structs(rosterTable, '0+'),
  rosterComplete: field('bool', '0+', { default: false, tag: 0, tagged: '0+' }),
  partitions: structs({ topic: field('string', '0+'), partitions: field('int32', '0+') }, '0+'),
  standby: structs(tasksTable, '0+', { default: [], tag: 1, tagged: '0+' }),
  warming: structs(tasksTable, '0+', { default: [], tag: 2, tagged: '0+' }),
  refusedFor: field('string', '0+'),
  refusalDetail: field('string', '0+'),
} as const

export const nothingAssigned: Assignment = {
  active: [],
  revoked: [],
  promised: [],
  standby: [],
  warming: [],
  followedByRound: false,
  fence: [],
  searchOpenTransactions: false,
  members: [],
  roster: [],
  rosterComplete: false,
  partitions: [],
  refusal: null,
}

export function encodeAssignment(assignment: Assignment): Uint8Array {
  return encodeVersioned(table, {
    ...assignment,
    active: tasksToRows(assignment.active),
    revoked: tasksToRows(assignment.revoked),
    promised: tasksToRows(assignment.promised),
    standby: tasksToRows(assignment.standby),
    warming: tasksToRows(assignment.warming),
    roster: rosterToRows(assignment.roster),
    refusedFor: assignment.refusal?.reason ?? '',
    refusalDetail: assignment.refusal?.detail ?? '',
  })
}

/**
 * @throws StreamError GROUP_ASSIGNMENT_UNREADABLE: the leader is no Millrace worker, or a much
 * newer one.
 */
export function decodeAssignment(bytes: Uint8Array): Assignment {
  const decoded = decodeVersioned(table, bytes, (message) => {
    const { refusedFor, refusalDetail, ...rest } = message
    return {
      ...rest,
      active: rowsToTasks(message.active),
      revoked: rowsToTasks(message.revoked),
      promised: rowsToTasks(message.promised),
      standby: rowsToTasks(message.standby),
      warming: rowsToTasks(message.warming),
      roster: rowsToRoster(message.roster),
      refusal: refusalOf(refusedFor, refusalDetail),
    }
  })
  if (decoded.kind === 'read') return decoded.value
  throw new StreamError(
    'GROUP_ASSIGNMENT_UNREADABLE',
    `the leader of the group sent an assignment that cannot be read (${decoded.reason}); ` +
      'all members of the group have to run compatible versions of Millrace',
    { domain: 'external', recovery: 'fatal' },
  )
}

function refusalOf(reason: string, detail: string): Refusal | null {
  if (reason === '') return null
  return { reason: refusalReasons.find((known) => known === reason) ?? 'unreadable', detail }
}
