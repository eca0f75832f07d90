import { expect, test } from '@jest/globals'
import { MetricRegistry } from '../../../src/env/metrics.ts'

test('the text has help, type and one line a series, labels escaped', () => {
  const metrics = new MetricRegistry()
  metrics.counter('records_total', 'Records', { task: '0_1' }).add(3)
  metrics.counter('records_total', 'Records', { task: 'a"b' }).add()
  metrics.gauge('lag', 'Lag').set(7)
  expect(metrics.prometheusText()).toBe(
    [
      '# HELP records_total Records',
      '# TYPE records_total counter',
      'records_total{task="0_1"} 3',
      'records_total{task="a\\"b"} 1',
      '# HELP lag Lag',
      '# TYPE lag gauge',
      'lag 7',
      '',
    ].join('\n'),
  )
})

test('asking twice for a series gives the same one', () => {
  const metrics = new MetricRegistry()
  metrics.counter('n', 'N', { a: '1', b: '2' }).add(1)
  metrics.counter('n', 'N', { b: '2', a: '1' }).add(1)
  expect(metrics.snapshot()).toEqual([{ name: 'n', labels: { a: '1', b: '2' }, value: 2 }])
})

test('histogram buckets are cumulative and end with everything', () => {
  const metrics = new MetricRegistry()
  const histogram = metrics.histogram('ms', 'Milliseconds')
  for (const value of [0, 1, 3, 1e12]) histogram.record(value)
  const lines = metrics.prometheusText().split('\n')
  expect(lines).toContain('ms_bucket{le="0.0625"} 1')
  expect(lines).toContain('ms_bucket{le="1"} 2')
  expect(lines).toContain('ms_bucket{le="4"} 3')
  expect(lines).toContain('ms_bucket{le="+Inf"} 4')
  expect(lines).toContain('ms_count 4')
})
