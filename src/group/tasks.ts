/** Task ids as the members send them: partitions by sub-topology, sorted. */
import { type TaskId, taskId, taskParts } from '../model/ids.ts'
import { MalformedMessage } from '../kafka/protocol/reader.ts'
import { field, list } from '../kafka/protocol/schema.ts'

/** One sub-topology's part of a set of tasks. */
export const tasksTable = {
  subTopology: field('int32', '0+'),
  partitions: list('int32', '0+'),
} as const

export interface TaskRow {
  readonly subTopology: number
  readonly partitions: readonly number[]
}

export function tasksToRows(tasks: Iterable<TaskId>): readonly TaskRow[] {
  const rows = new Map<number, number[]>()
  for (const task of tasks) {
    const { subTopology, partition } = taskParts(task)
    const partitions = rows.get(subTopology)
    if (partitions === undefined) rows.set(subTopology, [partition])
    else partitions.push(partition)
  }
  return Array.from(rows, ([subTopology, partitions]) => ({
    subTopology,
    partitions: partitions.sort((a, b) => a - b),
  })).sort((a, b) => a.subTopology - b.subTopology)
}

/** @throws MalformedMessage on negative numbers. */
export function rowsToTasks(rows: readonly TaskRow[]): readonly TaskId[] {
  const tasks: TaskId[] = []
  for (const { subTopology, partitions } of rows) {
    for (const partition of partitions) {
      if (subTopology < 0 || partition < 0) {
        throw new MalformedMessage(`there is no task ${subTopology}_${partition}`)
      }
      tasks.push(taskId(subTopology, partition))
    }
  }
  return tasks
}

/** By sub-topology, then by partition: `0_10` after `0_9`. */
export function compareTasks(a: TaskId, b: TaskId): number {
  const left = taskParts(a)
  const right = taskParts(b)
  return left.subTopology - right.subTopology || left.partition - right.partition
}
