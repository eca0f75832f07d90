/** From the wanted distribution to what each member may do in this round. */
import type { TaskId } from '../model/ids.ts'
import { contested, type Holders, nobody, type TaskNumbers } from './holders.ts'
import type { Subscription } from './subscription.ts'

export interface Share {
  readonly active: readonly TaskId[]
  readonly revoked: readonly TaskId[]
  readonly promised: readonly TaskId[]
  /** Default: none. */
  readonly standby?: readonly TaskId[]
  readonly warming?: readonly TaskId[]
}

/**
 * A task goes to its new owner only when nobody claims it; until then its owner is told to give it
 * up.
 */
export function divide(
  members: readonly Subscription[],
  tasks: TaskNumbers,
  holders: Holders,
  target: Int32Array,
): readonly Share[] {
  const active = members.map((): TaskId[] => [])
  const promised = members.map((): TaskId[] => [])
  tasks.forEach((task, number) => {
    const slot = target[number] ?? nobody
    const owner = holders.owner[number] ?? nobody
    const list = owner === nobody || owner === slot ? active : promised
    list[slot]?.push(task)
  })
  return members.map(({ owned }, slot) => ({
    active: active[slot] ?? [],
    promised: promised[slot] ?? [],
    revoked: owned.filter((task) => givesUp(task, slot, tasks, holders, target)),
  }))
}

function givesUp(
  task: TaskId,
  slot: number,
  tasks: TaskNumbers,
  holders: Holders,
  target: Int32Array,
): boolean {
  const number = tasks.of(task)
  return number >= 0 && (holders.owner[number] === contested || target[number] !== slot)
}

/** All keep what they have. */
export function standStill(members: readonly Subscription[]): readonly Share[] {
  return members.map(({ owned, promised, standby }) => ({
    active: owned,
    revoked: [],
    promised,
    standby,
  }))
}
