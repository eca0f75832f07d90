/** Pictures of workers for tests of what is made of them. */
import { taskId } from '../../../src/model/ids.ts'
import { newTaskCounters } from '../../../src/operators/counters.ts'
import type { TaskView, WorkerView } from '../../../src/worker/view.ts'

export function taskView(partition: number, change: Partial<TaskView> = {}): TaskView {
  return {
    id: taskId(0, partition),
    phase: 'running',
    restored: 0,
    restoreTotal: 0,
    watermark: undefined,
    counters: { ...newTaskCounters(), processed: 7 },
    losses: [],
    inputs: [{ topic: 'lines', partition, committed: 10, end: 13, lag: 3, queuedBytes: 0 }],
    stores: [{ name: 'counts', entries: 5, position: 20 }],
    ...change,
  }
}

export function workerView(
  tasks: readonly TaskView[],
  change: Partial<WorkerView> = {},
): WorkerView {
  return {
    worker: 0,
    phase: 'running',
    memberId: 'member',
    generation: 3,
    rebalances: 1,
    epoch: 4,
    openRecords: 0,
    checkpoint: 'open',
    records: 7,
    rate: 1,
    lag: tasks.flatMap(({ inputs }) => inputs).reduce((sum, { lag }) => sum + (lag ?? 0), 0),
    tasks,
    standbys: [],
    ...change,
  }
}
