import { assert } from '../model/errors.ts'
import type { TaskPhase } from './port.ts'

/**
 * Which phase may follow which. As Kafka Streams' `Task.State`, but a suspended task may run again
 * at once: rolling back leaves its stores at the committed epoch, so there is nothing to restore.
 * A task that restores may be told anew from where: a standby has, and becomes the owner.
 */
const followers: Readonly<Record<TaskPhase, readonly TaskPhase[]>> = {
  created: ['restoring', 'closed'],
  restoring: ['restoring', 'running', 'closed'],
  running: ['suspended', 'closed'],
  suspended: ['restoring', 'running', 'closed'],
  closed: [],
}

export function follow(from: TaskPhase, to: TaskPhase): TaskPhase {
  assert(followers[from].includes(to), `a task does not go from ${from} to ${to}`)
  return to
}
