import type { WorkerView } from '../worker/view.ts'

/** Why not all that these workers own is being processed; empty when it is. */
export function notReady(workers: readonly WorkerView[]): readonly string[] {
  return workers.flatMap(({ worker, phase, rebalances, tasks }) => {
    if (phase !== 'running') return [`worker ${worker} is ${phase}`]
    if (rebalances === 0) return [`worker ${worker} has no assignment yet`]
    return tasks
      .filter((task) => task.phase === 'restoring')
      .map(({ id, restored, restoreTotal }) => {
        const left = Math.max(0, restoreTotal - restored)
        return `worker ${worker}: task ${id} restores, ${left} offsets to go`
      })
  })
}
