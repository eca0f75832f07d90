/**
 * Which slot gets which task, within the quotas: what is held stays, what has local state goes
 * there.
 */
import { taskParts } from '../model/ids.ts'
import { balance } from './balance.ts'
import { type Holders, nobody, type TaskNumbers } from './holders.ts'
import type { Subscription } from './subscription.ts'

/** The slot of each task. @param members Sorted, slots of one process side by side. */
export function place(
  members: readonly Subscription[],
  tasks: TaskNumbers,
  holders: Holders,
): Int32Array {
  const width = tasks.counts.length
  const target = new Int32Array(tasks.total).fill(nobody)
  const need = balance({
    processOf: processIndexes(members),
    counts: tasks.counts,
    held: heldCounts(members.length, tasks, holders.preferred),
  })
  const take = (task: number, subTopology: number, slot: number): void => {
    const cell = slot * width + subTopology
    const left = need[cell] ?? 0
    if (left === 0 || target[task] !== nobody) return
    target[task] = slot
    need[cell] = left - 1
  }
  const keep = (ownedOnly: boolean): void =>
    forEachTask(tasks, (task, subTopology) => {
      const slot = holders.preferred[task] ?? nobody
      if (slot >= 0 && (!ownedOnly || holders.owner[task] === slot)) take(task, subTopology, slot)
    })
  keep(true)
  keep(false)
  placeByState(members, tasks, take)
  placeRest(members.length, tasks, target, take)
  return target
}

type Take = (task: number, subTopology: number, slot: number) => void

function forEachTask(tasks: TaskNumbers, visit: (task: number, subTopology: number) => void): void {
  tasks.counts.forEach((count, subTopology) => {
    const start = tasks.start(subTopology)
    for (let task = start; task < start + count; task++) visit(task, subTopology)
  })
}

/** Index of the process of each member; neighbours with the same process share it. */
function processIndexes(members: readonly Subscription[]): readonly number[] {
  let index = -1
  return members.map((member, slot) => {
    if (slot === 0 || members[slot - 1]?.process !== member.process) index++
    return index
  })
}

function heldCounts(slots: number, tasks: TaskNumbers, preferred: Int32Array): Int32Array {
  const width = tasks.counts.length
  const held = new Int32Array(slots * width)
  forEachTask(tasks, (task, subTopology) => {
    const slot = preferred[task] ?? nobody
    if (slot >= 0) held[slot * width + subTopology] = (held[slot * width + subTopology] ?? 0) + 1
  })
  return held
}

/** The fullest local state first; it belongs to the slot, whose directory has the files. */
function placeByState(members: readonly Subscription[], tasks: TaskNumbers, take: Take): void {
  const stored = members.flatMap(({ stored }, slot) =>
    stored.map(({ task, offsetSum }) => ({ slot, task, offsetSum })),
  )
  stored.sort((a, b) => b.offsetSum - a.offsetSum)
  for (const { slot, task } of stored) {
    const number = tasks.of(task)
    if (number >= 0) take(number, taskParts(task).subTopology, slot)
  }
}

function placeRest(slots: number, tasks: TaskNumbers, target: Int32Array, take: Take): void {
  let next = 0
  forEachTask(tasks, (task, subTopology) => {
    for (let tries = 0; tries < slots && target[task] === nobody; tries++) {
      take(task, subTopology, next)
      next = (next + 1) % slots
    }
  })
}
