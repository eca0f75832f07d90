/** From an assignment to what a worker does, in order. */
import { StreamError } from '../model/errors.ts'
import type { TaskId } from '../model/ids.ts'
import type { Assignment, Refusal } from './assignment.ts'
import { compareTasks } from './tasks.ts'

/**
 * One step of taking tasks over; they are carried out in the order given, each completely before
 * the next.
 *
 * @remarks `revoke` comes before everything else because others wait for it, and `fence` before
 * `read-positions` because a predecessor's open transaction would make the positions unstable, or
 * worse, could still commit.
 */
export type HandOverStep =
  /** Close these tasks; their last epoch was committed, or dropped, before the member joined. */
  | { readonly kind: 'revoke'; readonly tasks: readonly TaskId[] }
  /** Initialise these transactional ids of vanished members, which aborts what they left open. */
  | { readonly kind: 'fence'; readonly transactionalIds: readonly string[] }
  /**
   * List the application's open transactions and fence those of ids that are not among `members`.
   */
  | { readonly kind: 'search-open-transactions'; readonly members: readonly string[] }
  /** Read the stable committed positions of all inputs of these tasks. */
  | { readonly kind: 'read-positions'; readonly tasks: readonly TaskId[] }
  /** Create these tasks and let them restore: from here on they count as owned. */
  | { readonly kind: 'start'; readonly tasks: readonly TaskId[] }
  /** Join again, so that the leader may hand over what was revoked. */
  | { readonly kind: 'rejoin'; readonly reason: string }
  /** Look out for the round in which others' tasks are handed over: until then nobody runs them. */
  | { readonly kind: 'expect-round' }
  /** The group does not take this member: leave it and stop with the error. */
  | { readonly kind: 'stop'; readonly error: StreamError }

/**
 * @param owned Tasks that the worker has: running, restoring or suspended.
 * @param fingerprint Of the worker's own plan, for the message of a refusal.
 * @param reopen True when the group's topics have other partition counts than before: what is kept
 * is closed and started again, with the inputs that it has now.
 */
export function handOver(
  assignment: Assignment,
  owned: ReadonlySet<TaskId>,
  fingerprint: string,
  reopen = false,
): readonly HandOverStep[] {
  if (assignment.refusal !== null) {
    return [{ kind: 'stop', error: refused(assignment.refusal, fingerprint) }]
  }
  const active = new Set(assignment.active)
  // What is owned but not active goes, also where a leader with older metadata does not know the
  // task.
  const givenUp = Array.from(owned).filter((task) => !active.has(task))
  const revoked = reopen ? Array.from(owned) : givenUp
  const started = assignment.active.filter((task) => reopen || !owned.has(task))
  const steps: HandOverStep[] = []
  if (revoked.length > 0) steps.push({ kind: 'revoke', tasks: revoked.toSorted(compareTasks) })
  if (assignment.searchOpenTransactions) {
    steps.push({ kind: 'search-open-transactions', members: assignment.members })
  }
  if (started.length > 0) {
    const tasks = started.toSorted(compareTasks)
    if (assignment.fence.length > 0) {
      steps.push({ kind: 'fence', transactionalIds: assignment.fence })
    }
    steps.push({ kind: 'read-positions', tasks }, { kind: 'start', tasks })
  }
  // A static member that was restarted has nothing to close, but the others wait for its word all
  // the same.
  if (givenUp.length > 0 || assignment.revoked.length > 0) {
    steps.push({ kind: 'rejoin', reason: 'tasks were handed over' })
  } else if (assignment.followedByRound) {
    steps.push({ kind: 'expect-round' })
  }
  return steps
}

function refused({ reason, detail }: Refusal, fingerprint: string): StreamError {
  if (reason === 'topology-mismatch') {
    return new StreamError(
      'TOPOLOGY_MISMATCH',
      `this worker's topology has the fingerprint ${fingerprint}, the group runs ${detail}; ` +
        'stop the workers of the other version first, or give this one another application name',
      { domain: 'user', recovery: 'fatal' },
    )
  }
  if (reason === 'application-failed') {
    return new StreamError(
      'APPLICATION_STOPPED',
      'another worker failed, and its option workerFailure has the whole application stop: ' +
        detail,
      { domain: 'external', recovery: 'fatal' },
    )
  }
  return new StreamError(
    'GROUP_SUBSCRIPTION_REFUSED',
    `the leader of the group cannot read what this worker says of itself (${detail}); ` +
      'all members of the group have to run compatible versions of Millrace',
    { domain: 'external', recovery: 'fatal' },
  )
}
