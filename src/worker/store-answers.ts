/** What the tasks of one worker answer to a question about a store. */
import { taskParts } from '../model/ids.ts'
import type { SilentPart, StoreAnswer, StorePart, StoreQuestion } from '../state/store-read.ts'
import type { OwnedTask } from './owned-tasks.ts'

/** @param tasks All tasks of the worker; those of other sub-topologies are left out. */
export function answerFromTasks(
  tasks: readonly OwnedTask[],
  { store, read, isolation, partitions }: StoreQuestion,
): StoreAnswer {
  const parts: StorePart[] = []
  const silent: SilentPart[] = []
  for (const { id, task, subTopology, running, restored, restoreTotal } of tasks) {
    const { partition } = taskParts(id)
    if (partitions?.includes(partition) === false) continue
    if (!subTopology.stores.some(({ name }) => name === store)) continue
    if (running) {
      parts.push({ partition, role: 'active', rows: task.store(store).read(read, isolation) })
      continue
    }
    const left = Math.max(0, restoreTotal - restored)
    silent.push({ partition, reason: `task ${id} restores, ${left} offsets to go` })
  }
  return { parts, silent }
}
