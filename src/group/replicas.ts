/**
 * Copies of stores: tasks are moved to where their stores are level, members warm up before they
 * get the others (KIP-441), and standbys follow for the case that an owner goes (KIP-708 spreads
 * them over tags). Pure: the same subscriptions give the same answer on every leader.
 */
import type { TaskId } from '../model/ids.ts'
import { type Holders, nobody, type TaskNumbers } from './holders.ts'
import { taskParts } from '../model/ids.ts'
import { placeStandbys } from './standbys.ts'
import type { Subscription } from './subscription.ts'

export interface ReplicaRules {
  /** Standbys of each task with stores. */
  readonly standbys: number
  /** A copy that is so many offsets behind may become the owner. */
  readonly acceptableLag: number
  /** Which sub-topologies have stores that outlive their task. */
  readonly stateful: readonly boolean[]
}

export interface ReplicaPlan {
  /** The slot of each task for now: where its stores are level. */
  readonly target: Int32Array
  /** Per slot. */
  readonly standby: readonly (readonly TaskId[])[]
  /** Per slot: tasks that it gets when their stores are level there. */
  readonly warming: readonly (readonly TaskId[])[]
}

/** @param wanted The slot that each task should end up with. */
export function planReplicas(
  members: readonly Subscription[],
  tasks: TaskNumbers,
  holders: Holders,
  wanted: Int32Array,
  rules: ReplicaRules,
): ReplicaPlan {
  const levels = new Levels(members, tasks, rules.acceptableLag)
  const target = wanted.slice()
  const warmingAt = new Int32Array(tasks.total).fill(nobody)
  const load = new Int32Array(members.length)
  for (const slot of wanted) if (slot >= 0) load[slot] = (load[slot] ?? 0) + 1
  tasks.forEach((task, number) => {
    const slot = wanted[number] ?? nobody
    const owner = holders.owner[number] ?? nobody
    if (slot < 0 || owner === slot || rules.stateful[taskParts(task).subTopology] !== true) return
    if (owner < nobody || levels.isLevel(slot, number)) return
    const now = owner >= 0 ? owner : levels.levelSlot(number, load)
    if (now < 0) return
    target[number] = now
    warmingAt[number] = slot
    load[slot] = (load[slot] ?? 0) - 1
    load[now] = (load[now] ?? 0) + 1
  })
  const copies = { target, warmingAt, owner: holders.owner }
  const standby = placeStandbys(members, tasks, copies, rules)
  const warming = members.map((): TaskId[] => [])
  tasks.forEach((task, number) => {
    warming[warmingAt[number] ?? nobody]?.push(task)
    // What a slot is promised stays warm there until its owner has given it up.
    const slot = target[number] ?? nobody
    const owner = holders.owner[number] ?? nobody
    const follows = members[slot]?.standby.includes(task) === true
    if (owner >= 0 && owner !== slot && follows) standby[slot]?.push(task)
  })
  return { target, standby, warming }
}

/** How far the stores of each task are behind, slot by slot, as the members tell it. */
class Levels {
  readonly #acceptableLag: number
  readonly #slots: number
  /** Highest sum of offsets that anybody has of a task. */
  readonly #best: Float64Array
  /** Rows of members, by task and slot. */
  readonly #lags = new Map<number, number>()
  readonly #holders = new Map<number, number[]>()

  constructor(members: readonly Subscription[], tasks: TaskNumbers, acceptableLag: number) {
    this.#acceptableLag = acceptableLag
    this.#slots = members.length
    this.#best = new Float64Array(tasks.total)
    members.forEach(({ stored }) => {
      for (const { task, offsetSum } of stored) {
        const number = tasks.of(task)
        if (number >= 0) this.#best[number] = Math.max(this.#best[number] ?? 0, offsetSum)
      }
    })
    members.forEach(({ stored }, slot) => {
      for (const { task, offsetSum, lag } of stored) {
        const number = tasks.of(task)
        if (number < 0) continue
        const behind = lag >= 0 ? lag : (this.#best[number] ?? 0) - offsetSum
        this.#lags.set(number * this.#slots + slot, behind)
        const holders = this.#holders.get(number)
        if (holders === undefined) this.#holders.set(number, [slot])
        else holders.push(slot)
      }
    })
  }

  /** A slot with nothing has all of the changelog before it: little of it is as good as level. */
  isLevel(slot: number, task: number): boolean {
    const lag = this.#lags.get(task * this.#slots + slot) ?? this.#best[task] ?? 0
    return lag <= this.#acceptableLag
  }

  /** Of the slots whose stores are level, the one with the fewest tasks; −1 for none. */
  levelSlot(task: number, load: Int32Array): number {
    let best = nobody
    for (const slot of this.#holders.get(task) ?? []) {
      if (!this.isLevel(slot, task)) continue
      if (best === nobody || (load[slot] ?? 0) < (load[best] ?? 0)) best = slot
    }
    return best
  }
}
