/** Which slot keeps a copy of which task, for the case that its owner goes. */
import { type TaskId, taskParts } from '../model/ids.ts'
import { nobody, type TaskNumbers } from './holders.ts'
import type { ReplicaRules } from './replicas.ts'
import type { Subscription } from './subscription.ts'

export interface Copies {
  /** The slot of each task. */
  readonly target: Int32Array
  /** The slot that warms a task up: one of its copies; `nobody` where none does. */
  readonly warmingAt: Int32Array
  /** Who runs it now: its process needs no copy. */
  readonly owner: Int32Array
}

/**
 * No two copies of a task are in one process. Copies stay where they are while that is balanced,
 * the others go to where the values of tags differ most from those of the other copies, then to
 * where there are the fewest.
 */
export function placeStandbys(
  members: readonly Subscription[],
  tasks: TaskNumbers,
  copies: Copies,
  { standbys, stateful }: Pick<ReplicaRules, 'standbys' | 'stateful'>,
): TaskId[][] {
  const placed = members.map((): TaskId[] => [])
  const replicated = stateful.reduce(
    (sum, kept, sub) => sum + (kept ? (tasks.counts[sub] ?? 0) : 0),
    0,
  )
  if (standbys === 0 || replicated === 0) return placed
  const placement = new Placement(members, Math.ceil((standbys * replicated) / members.length))
  const open: Open[] = []
  tasks.forEach((task, number) => {
    if (stateful[taskParts(task).subTopology] !== true) return
    const slots = [copies.target, copies.warmingAt].map((of) => of[number] ?? nobody)
    const taken = slots.filter((slot) => slot >= 0)
    if (taken.length === 0) return
    const owner = copies.owner[number] ?? nobody
    const left = standbys - (taken.length - 1)
    open.push({ task, left, taken, avoided: owner >= 0 ? [...taken, owner] : taken })
  })
  const holders = holdersOf(members)
  for (const one of open) placement.keep(one, holders.get(one.task) ?? [], placed)
  for (const one of open) placement.fill(one, placed)
  return placed
}

interface Open {
  readonly task: TaskId
  left: number
  /** Slots of the copies so far. */
  taken: readonly number[]
  /** Slots whose processes get no copy. */
  avoided: readonly number[]
}

/** Slots that have the stores of a task: standbys first, then those that run it. */
function holdersOf(members: readonly Subscription[]): ReadonlyMap<TaskId, readonly number[]> {
  const holders = new Map<TaskId, number[]>()
  const add = (task: TaskId, slot: number) => {
    const slots = holders.get(task)
    if (slots === undefined) holders.set(task, [slot])
    else slots.push(slot)
  }
  members.forEach(({ standby }, slot) => standby.forEach((task) => add(task, slot)))
  members.forEach(({ owned }, slot) => owned.forEach((task) => add(task, slot)))
  return holders
}

class Placement {
  readonly #slots: number
  readonly #cap: number
  readonly #load: Int32Array
  /** Number of the process of each slot. */
  readonly #processOf: Int32Array
  /** Value of each tag of each slot as a number, side by side; `untold` where it has none. */
  readonly #values: Int32Array
  readonly #keys: number

  constructor(members: readonly Subscription[], cap: number) {
    const keys = numbered(members.flatMap(({ tags }) => tags.map(({ key }) => key)))
    const values = numbered(members.flatMap(({ tags }) => tags.map(({ value }) => value)))
    const processes = numbered(members.map(({ process }) => process))
    this.#slots = members.length
    this.#cap = cap
    this.#load = new Int32Array(members.length)
    this.#processOf = Int32Array.from(members, ({ process }) => processes.get(process) ?? 0)
    this.#keys = keys.size
    this.#values = new Int32Array(members.length * keys.size).fill(untold)
    members.forEach(({ tags }, slot) => {
      for (const { key, value } of tags) {
        this.#values[slot * keys.size + (keys.get(key) ?? 0)] = values.get(value) ?? untold
      }
    })
  }

  /** Leaves copies where they are, as long as no slot has too many and no better place is there. */
  keep(open: Open, holders: readonly number[], placed: TaskId[][]): void {
    for (const slot of holders) {
      if (open.left <= 0) return
      if ((this.#load[slot] ?? 0) >= this.#cap || !this.#fits(open, slot)) continue
      const difference = this.#difference(open, slot)
      if (difference < this.#keys && difference < this.#bestDifference(open)) continue
      this.#put(open, slot, placed)
    }
  }

  fill(open: Open, placed: TaskId[][]): void {
    while (open.left > 0) {
      let best = nobody
      let difference = 0
      for (let slot = 0; slot < this.#slots; slot += 1) {
        const fewer = best === nobody || (this.#load[slot] ?? 0) < (this.#load[best] ?? 0)
        if (!fewer && difference === this.#keys) continue
        if (!this.#fits(open, slot)) continue
        const here = this.#difference(open, slot)
        if (here < difference || (here === difference && !fewer)) continue
        best = slot
        difference = here
      }
      // Fewer processes than copies: the rest are placed when more come.
      if (best === nobody) return
      this.#put(open, best, placed)
    }
  }

  #put(open: Open, slot: number, placed: TaskId[][]): void {
    open.left -= 1
    open.taken = [...open.taken, slot]
    open.avoided = [...open.avoided, slot]
    this.#load[slot] = (this.#load[slot] ?? 0) + 1
    placed[slot]?.push(open.task)
  }

  #fits({ avoided }: Open, slot: number): boolean {
    const processOf = this.#processOf
    for (let at = 0; at < avoided.length; at += 1) {
      if (processOf[avoided[at] ?? 0] === processOf[slot]) return false
    }
    return true
  }

  /** In how many tags a slot differs from all copies that there are. */
  #difference({ taken }: Open, slot: number): number {
    const values = this.#values
    const keys = this.#keys
    let count = 0
    for (let key = 0; key < keys; key += 1) {
      const value = values[slot * keys + key]
      let differs = value !== untold
      for (let at = 0; differs && at < taken.length; at += 1) {
        differs = values[(taken[at] ?? 0) * keys + key] !== value
      }
      if (differs) count += 1
    }
    return count
  }

  #bestDifference(open: Open): number {
    let best = 0
    for (let slot = 0; slot < this.#slots && best < this.#keys; slot += 1) {
      const here = this.#difference(open, slot)
      if (here > best && this.#fits(open, slot)) best = here
    }
    return best
  }
}

const untold = -1

function numbered(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(Array.from(new Set(names), (name, number) => [name, number]))
}
