import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { labelled, prometheusText } from '../../../src/env/prometheus.ts'
import { processMetrics } from '../../../src/ops/process-metrics.ts'
import { workerMetrics } from '../../../src/ops/worker-metrics.ts'
import { MetricRegistry } from '../../../src/env/metrics.ts'
import { root } from '../../tidy/tree.ts'
import { taskView, workerView } from './views.ts'

test('the registries of several threads make one text with each name once', () => {
  const groups = ['0', '1'].map((worker) => {
    const registry = new MetricRegistry()
    registry.counter('millrace_epochs_total', 'Committed epochs').add(Number(worker) + 1)
    return labelled(registry.families(), { worker })
  })
  expect(prometheusText(groups)).toBe(
    [
      '# HELP millrace_epochs_total Committed epochs',
      '# TYPE millrace_epochs_total counter',
      'millrace_epochs_total{worker="0"} 1',
      'millrace_epochs_total{worker="1"} 2',
      '',
    ].join('\n'),
  )
})

test('tasks, inputs and stores have samples of their own; what is not known has none', () => {
  const views = [workerView([taskView(0, { watermark: 99 }), taskView(1)])]
  const lines = prometheusText([workerMetrics(views)]).split('\n')
  expect(lines).toContain('millrace_worker_tasks{worker="0"} 2')
  expect(lines).toContain('millrace_input_lag{worker="0",task="0_1",topic="lines",partition="1"} 3')
  expect(lines).toContain('millrace_store_entries{worker="0",task="0_0",store="counts"} 5')
  expect(lines.filter((line) => line.startsWith('millrace_task_watermark_ms{'))).toEqual([
    'millrace_task_watermark_ms{worker="0",task="0_0"} 99',
  ])
})

test('docs/operations.md lists every metric', () => {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const own = ['millrace_records_total', 'millrace_epochs_total', 'millrace_commit_ms']
  const made = [...workerMetrics([]), ...processMetrics()].map(({ name }) => name)
  expect([...own, ...made].filter((name) => !text.includes(`\`${name}\``))).toEqual([])
})
