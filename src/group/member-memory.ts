/** What a member keeps from one round for the next, and how far it vouches for it. */
import type { TaskId } from '../model/ids.ts'
import type { Assignment } from './assignment.ts'
import type { RosterEntry } from './roster.ts'
import type { Subscription } from './subscription.ts'

/**
 * @remarks A roster is complete for one round only: whoever was lost, or has not got the assignment
 * of the round that it described itself for, cannot know who has come and gone since.
 */
export class MemberMemory {
  #promised: readonly TaskId[] = []
  #roster: readonly RosterEntry[] = []
  #rosterComplete = false

  /** For the next subscription. From here on only another assignment makes the roster complete. */
  recall(): Pick<Subscription, 'promised' | 'roster' | 'rosterComplete'> {
    const rosterComplete = this.#rosterComplete
    this.#rosterComplete = false
    return { promised: this.#promised, roster: this.#roster, rosterComplete }
  }

  keep({ promised, roster, rosterComplete }: Assignment): void {
    this.#promised = promised
    this.#roster = roster
    this.#rosterComplete = rosterComplete
  }

  /** The search of the present assignment is done: what the roster does not tell of is fenced. */
  searched(): void {
    this.#rosterComplete = true
  }

  /** The group goes on without this member. The roster still tells whose local state is where. */
  lost(): void {
    this.#promised = []
    this.#rosterComplete = false
  }
}
