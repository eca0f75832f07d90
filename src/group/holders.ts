/**
 * Which slot a task belongs to before a round: by what it runs, by what it was promised, by what
 * the roster says.
 */
import { type TaskId, taskId, taskParts } from '../model/ids.ts'
import type { Subscription } from './subscription.ts'

/** All tasks of the plan as numbers: sub-topology after sub-topology, partition after partition. */
export class TaskNumbers {
  readonly counts: readonly number[]
  readonly total: number
  readonly #starts: readonly number[]

  /** @param counts Number of tasks of each sub-topology. */
  constructor(counts: readonly number[]) {
    const starts: number[] = []
    let total = 0
    for (const count of counts) {
      starts.push(total)
      total += count
    }
    this.counts = counts
    this.total = total
    this.#starts = starts
  }

  start(subTopology: number): number {
    return this.#starts[subTopology] ?? 0
  }

  forEach(visit: (task: TaskId, number: number) => void): void {
    this.counts.forEach((count, subTopology) => {
      for (let partition = 0; partition < count; partition++) {
        visit(taskId(subTopology, partition), this.start(subTopology) + partition)
      }
    })
  }

  /** −1 where the plan has no such task. */
  of(task: TaskId): number {
    const { subTopology, partition } = taskParts(task)
    const count = this.counts[subTopology]
    return count === undefined || partition >= count ? -1 : this.start(subTopology) + partition
  }
}

export const nobody = -1
/** Two members claim to run it: both have to give it up before anybody may have it. */
export const contested = -2

export interface Holders {
  /** The slot that runs a task, `nobody`, or `contested`. */
  readonly owner: Int32Array
  /** The slot that should keep or get a task if balance allows it, or `nobody`. */
  readonly preferred: Int32Array
}

export function findHolders(members: readonly Subscription[], tasks: TaskNumbers): Holders {
  const owner = claims(tasks, members, (member) => member.owned)
  const promised = claims(tasks, members, (member) => member.promised)
  const remembered = fromRosters(tasks, members)
  const preferred = owner.map((slot, task) => {
    if (slot !== nobody) return Math.max(slot, nobody)
    const promisedTo = promised[task] ?? nobody
    return promisedTo >= 0 ? promisedTo : Math.max(remembered[task] ?? nobody, nobody)
  })
  return { owner, preferred }
}

function claims(
  tasks: TaskNumbers,
  members: readonly Subscription[],
  claimed: (member: Subscription) => readonly TaskId[],
): Int32Array {
  const holder = new Int32Array(tasks.total).fill(nobody)
  members.forEach((member, slot) => {
    for (const task of claimed(member)) claim(holder, tasks.of(task), slot)
  })
  return holder
}

function claim(holder: Int32Array, task: number, slot: number): void {
  if (task < 0) return
  const former = holder[task] ?? nobody
  holder[task] = former === nobody || former === slot ? slot : contested
}

/**
 * A member that was expelled, or a static one that restarted, owns nothing, but has the local state
 * of what the roster says it ran.
 */
function fromRosters(tasks: TaskNumbers, members: readonly Subscription[]): Int32Array {
  const slots = new Map(members.map(({ transactionalId }, slot) => [transactionalId, slot]))
  const holder = new Int32Array(tasks.total).fill(nobody)
  for (const { roster } of members) {
    for (const entry of roster) {
      const slot = slots.get(entry.transactionalId)
      if (slot === undefined) continue
      for (const task of entry.tasks) claim(holder, tasks.of(task), slot)
    }
  }
  return holder
}
