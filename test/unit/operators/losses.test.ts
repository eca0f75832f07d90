import { expect, test } from '@jest/globals'
import { string, topology } from '../../../src/index.ts'
import { workerMetrics } from '../../../src/ops/worker-metrics.ts'
import { prometheusText } from '../../../src/env/prometheus.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TaskBench } from '../../support/task-bench.ts'
import { taskView, workerView } from '../ops/views.ts'

test('each node counts what it leaves out, and the task counts all of it', () => {
  const fails = () => {
    throw new Error('no')
  }
  const plan = planTopology(
    topology('losses', (t) => {
      const lines = t.stream('lines', { value: string })
      lines.peek(fails, { name: 'picky', onError: 'skip' })
      lines.peek(fails, { name: 'buried', onError: { deadLetter: 'dead' } })
      lines.groupByKey().count('counts')
      lines.groupByKey().process('process', { onRecord: () => undefined })
    }),
  )
  const subject = new TaskBench(plan, 0).start()
  expect(subject.task.losses()).toEqual([])
  subject.send('lines', { key: null, value: 'a' }, { key: 'k', value: 'b' })
  subject.run()
  const { counters } = subject.task
  expect(counters).toMatchObject({ skipped: 2, deadLettered: 2, dropped: 2, late: 0 })
  const none = { skipped: 0, deadLettered: 0, dropped: 0, late: 0 }
  expect(subject.task.losses()).toEqual([
    { ...none, node: 'picky', skipped: 2 },
    { ...none, node: 'buried', deadLettered: 2 },
    { ...none, node: 'counts', dropped: 1 },
    { ...none, node: 'process', dropped: 1 },
  ])
  const views = [workerView([taskView(0, { losses: subject.task.losses() })])]
  expect(prometheusText([workerMetrics(views)])).toContain(
    'millrace_node_dropped_total{worker="0",task="0_0",node="counts"} 1',
  )
})
