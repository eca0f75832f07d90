/** What the tasks of one worker answer to a question about a store. */
import { taskParts } from '../model/ids.ts'
import type { SilentPart, StoreAnswer, StorePart, StoreQuestion } from '../state/store-read.ts'
import type { OwnedTask } from './owned-tasks.ts'
import type { StandbyTasks } from './standby-tasks.ts'

/** @param tasks All tasks of the worker; those of other sub-topologies are left out. */
export function answerFromTasks(
  tasks: readonly OwnedTask[],
  standbys: StandbyTasks,
  question: StoreQuestion,
  nowMs: number,
): StoreAnswer {
  const own = fromOwned(tasks, question)
  const copies = fromStandbys(standbys, question, nowMs)
  return { parts: [...own.parts, ...copies.parts], silent: [...own.silent, ...copies.silent] }
}

/** Standbys answer only where staleness is allowed, with what has committed. */
function fromStandbys(
  standbys: StandbyTasks,
  { store, read, partitions, staleMs }: StoreQuestion,
  nowMs: number,
): StoreAnswer {
  const parts: StorePart[] = []
  const silent: SilentPart[] = []
  if (staleMs === undefined) return { parts, silent }
  for (const { id, task, subTopology } of standbys.all) {
    const { partition } = taskParts(id)
    if (partitions?.includes(partition) === false) continue
    if (!subTopology.stores.some(({ name }) => name === store)) continue
    const levelAtMs = standbys.levelAtMs(id)
    if (levelAtMs !== undefined && nowMs - levelAtMs <= staleMs) {
      const rows = task.store(store).read(read, 'committed')
      parts.push({ partition, role: 'standby', rows })
    } else {
      const since = levelAtMs === undefined ? 'never' : `${nowMs - levelAtMs} ms ago`
      silent.push({ partition, reason: `the standby of task ${id} was level ${since}` })
    }
  }
  return { parts, silent }
}

function fromOwned(
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
