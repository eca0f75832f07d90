/**
 * Members that vanished, and what they may have left open: kept in the roster until their tasks are
 * claimed again.
 */
import type { TaskId } from '../model/ids.ts'
import type { RosterEntry } from './roster.ts'
import type { Subscription } from './subscription.ts'

export interface Gone {
  /** Ids of vanished members by task; a task that a member claims has had them fenced already. */
  readonly idsByTask: ReadonlyMap<TaskId, readonly string[]>
  /** Tasks of which a complete roster knows who ran them, whoever that was. */
  readonly known: ReadonlySet<TaskId>
}

/**
 * All rosters count, not only the newest: whoever is in one of them and no longer a member is gone,
 * and fencing an id once too often costs some milliseconds.
 * @param current Transactional ids of all members, refused ones included: a member's id is never
 * fenced.
 */
export function findGone(
  subscriptions: readonly Subscription[],
  current: ReadonlySet<string>,
  claimed: ReadonlySet<TaskId>,
): Gone {
  const idsByTask = new Map<TaskId, string[]>()
  const known = new Set<TaskId>()
  for (const { roster, rosterComplete } of subscriptions) {
    for (const { transactionalId, tasks } of roster) {
      for (const task of tasks) {
        if (rosterComplete) known.add(task)
        if (current.has(transactionalId) || claimed.has(task)) continue
        const ids = idsByTask.get(task)
        if (ids === undefined) idsByTask.set(task, [transactionalId])
        else if (!ids.includes(transactionalId)) ids.push(transactionalId)
      }
    }
  }
  return { idsByTask, known }
}

/** The ids to fence before these tasks' positions are read, sorted. */
export function idsToFence(gone: Gone, tasks: readonly TaskId[]): readonly string[] {
  return Array.from(new Set(tasks.flatMap((task) => gone.idsByTask.get(task) ?? []))).sort()
}

/**
 * The next roster: what each member has after this round, tasks that it still gives up included,
 * and the vanished ones with the tasks that nobody has claimed yet. A new owner claims a task only
 * after fencing, so if it dies before, the next one knows.
 */
export function nextRoster(
  gone: Gone,
  members: readonly { readonly transactionalId: string; readonly tasks: readonly TaskId[] }[],
): readonly RosterEntry[] {
  const vanished = new Map<string, TaskId[]>()
  for (const [task, ids] of gone.idsByTask) {
    for (const id of ids) {
      const tasks = vanished.get(id)
      if (tasks === undefined) vanished.set(id, [task])
      else tasks.push(task)
    }
  }
  const present = members.filter(({ tasks }) => tasks.length > 0)
  return [
    ...present,
    ...Array.from(vanished, ([transactionalId, tasks]) => ({ transactionalId, tasks })),
  ]
}
