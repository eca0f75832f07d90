/**
 * Metrics made of the workers' pictures when somebody asks: what changes per record is counted
 * where it happens, all else costs nothing between two scrapes.
 */
import type { Labels } from '../env/port.ts'
import type { MetricFamily, Sample } from '../env/prometheus.ts'
import type { InputView, TaskView, WorkerView } from '../worker/view.ts'

export function workerMetrics(workers: readonly WorkerView[]): readonly MetricFamily[] {
  return [
    ...ofWorkers(workers),
    ...ofTasks(workers),
    ...ofNodes(workers),
    ...ofInputs(workers),
    ...ofStores(workers),
    ...ofStandbys(workers),
  ]
}

function ofWorkers(workers: readonly WorkerView[]): readonly MetricFamily[] {
  const per = (value: (worker: WorkerView) => number) =>
    workers.map((worker) => ({ labels: labelsOf(worker), value: value(worker) }))
  return [
    family('millrace_worker_running', 'gauge', '1 while the worker runs', per(isRunning)),
    family(
      'millrace_worker_tasks',
      'gauge',
      'Tasks that the worker owns',
      per(({ tasks }) => tasks.length),
    ),
    family(
      'millrace_rebalances_total',
      'counter',
      'Assignments since the start',
      per(({ rebalances }) => rebalances),
    ),
  ]
}

const counted = [
  ['processed', 'millrace_task_records_total', 'Records processed by the task'],
  ['skipped', 'millrace_task_skipped_total', 'Records that a skip policy left out'],
  ['deadLettered', 'millrace_task_dead_lettered_total', 'Records sent to a dead-letter topic'],
  ['dropped', 'millrace_task_dropped_total', 'Records without the key or value that is needed'],
  ['late', 'millrace_task_late_total', 'Records behind all of their windows'],
] as const

function ofTasks(workers: readonly WorkerView[]): readonly MetricFamily[] {
  const per = (value: (task: TaskView) => number | undefined) =>
    workers.flatMap((worker) =>
      worker.tasks.flatMap((task) => {
        const found = value(task)
        return found === undefined ? [] : [{ labels: labelsOf(worker, task), value: found }]
      }),
    )
  return [
    family(
      'millrace_task_running',
      'gauge',
      '1 when the task runs, 0 while it restores',
      per(({ phase }) => Number(phase === 'running')),
    ),
    family(
      'millrace_task_restore_remaining_records',
      'gauge',
      'Changelog offsets that are still to be read',
      per(({ restored, restoreTotal }) => Math.max(0, restoreTotal - restored)),
    ),
    family(
      'millrace_task_watermark_ms',
      'gauge',
      'Watermark, milliseconds since 1970',
      per(({ watermark }) => watermark),
    ),
    ...counted.map(([counter, name, help]) =>
      family(
        name,
        'counter',
        help,
        per(({ counters }) => counters[counter]),
      ),
    ),
  ]
}

const lost = [
  ['skipped', 'millrace_node_skipped_total', 'Records that the skip policy of the node left out'],
  ['deadLettered', 'millrace_node_dead_lettered_total', 'Dead letters of the node'],
  ['dropped', 'millrace_node_dropped_total', 'Records without what the node needs'],
  ['late', 'millrace_node_late_total', 'Records behind all windows of the node'],
] as const

function ofNodes(workers: readonly WorkerView[]): readonly MetricFamily[] {
  const nodes = workers.flatMap((worker) =>
    worker.tasks.flatMap((task) =>
      task.losses.map((losses) => ({
        labels: { ...labelsOf(worker, task), node: losses.node },
        losses,
      })),
    ),
  )
  return lost.map(([what, name, help]) => {
    const samples = nodes.map(({ labels, losses }) => ({ labels, value: losses[what] }))
    return family(name, 'counter', help, samples)
  })
}

function ofInputs(workers: readonly WorkerView[]): readonly MetricFamily[] {
  const per = (value: (input: InputView) => number | undefined) =>
    workers.flatMap((worker) =>
      worker.tasks.flatMap((task) =>
        task.inputs.flatMap((input) => {
          const found = value(input)
          if (found === undefined) return []
          const { topic, partition } = input
          const labels = { ...labelsOf(worker, task), topic, partition: String(partition) }
          return [{ labels, value: found }]
        }),
      ),
    )
  return [
    family(
      'millrace_input_lag',
      'gauge',
      'Offsets from what is committed to the end',
      per(({ lag }) => lag),
    ),
    family(
      'millrace_input_committed_offset',
      'gauge',
      'Committed position',
      per(({ committed }) => committed),
    ),
  ]
}

function ofStores(workers: readonly WorkerView[]): readonly MetricFamily[] {
  const samples = workers.flatMap((worker) =>
    worker.tasks.flatMap((task) =>
      task.stores.map(({ name, entries }) => ({
        labels: { ...labelsOf(worker, task), store: name },
        value: entries,
      })),
    ),
  )
  return [family('millrace_store_entries', 'gauge', 'Keys of the store in memory', samples)]
}

function ofStandbys(workers: readonly WorkerView[]): readonly MetricFamily[] {
  const samples = workers.flatMap(({ worker, standbys }) =>
    standbys.map(({ id, lag }) => ({ labels: { worker: String(worker), task: id }, value: lag })),
  )
  return [family('millrace_standby_lag', 'gauge', 'Offsets that a copy is behind', samples)]
}

function isRunning({ phase }: WorkerView): number {
  return Number(phase === 'running')
}

function labelsOf({ worker }: WorkerView, task?: TaskView): Labels {
  return { worker: String(worker), ...(task === undefined ? {} : { task: task.id }) }
}

function family(
  name: string,
  kind: MetricFamily['kind'],
  help: string,
  samples: readonly Omit<Sample, 'name'>[],
): MetricFamily {
  return { name, kind, help, samples: samples.map((one) => ({ name, ...one })) }
}
