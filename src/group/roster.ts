/**
 * Who runs what, as far as the group knows. The leader hands the roster out with the assignment,
 * members keep it and send it back when they join again. So whoever leads next knows which
 * transactional ids are gone, also when the former leader is among them.
 */
import type { TaskId } from '../model/ids.ts'
import { field, structs } from '../kafka/protocol/schema.ts'
import { rowsToTasks, type TaskRow, tasksTable, tasksToRows } from './tasks.ts'

export interface RosterEntry {
  readonly transactionalId: string
  /** Tasks whose open transaction may be this producer's. */
  readonly tasks: readonly TaskId[]
}

export const rosterTable = {
  transactionalId: field('string', '0+'),
  tasks: structs(tasksTable, '0+'),
} as const

interface RosterRow {
  readonly transactionalId: string
  readonly tasks: readonly TaskRow[]
}

export function rosterToRows(roster: readonly RosterEntry[]): readonly RosterRow[] {
  return roster.map(({ transactionalId, tasks }) => ({
    transactionalId,
    tasks: tasksToRows(tasks),
  }))
}

export function rowsToRoster(rows: readonly RosterRow[]): readonly RosterEntry[] {
  return rows.map(({ transactionalId, tasks }) => ({ transactionalId, tasks: rowsToTasks(tasks) }))
}
