import { expect, test } from '@jest/globals'
import { benchOptions } from '../../../benchmarks/harness/options.ts'
import { axes, axisNamed, optionsAt } from '../../../benchmarks/sweep/axes.ts'
import { plot } from '../../../benchmarks/sweep/plot.ts'
import { figures, seriesOf, type SweepResults } from '../../../benchmarks/sweep/points.ts'

const options = benchOptions(['--records=1000'])

test('each axis changes what it is named after and nothing else of the run', () => {
  expect(optionsAt(axisNamed('partitions'), 16, options).partitions).toBe(16)
  expect(optionsAt(axisNamed('commit'), 25, options).commitMs).toBe(25)
  expect(optionsAt(axisNamed('keys'), 5_000, options).shape).toMatchObject({
    keys: 5_000,
    records: 5_000,
  })
  expect(optionsAt(axisNamed('values'), 1_024, options).shape.valueBytes).toBe(1_024)
  for (const axis of axes) expect(optionsAt(axis, 100, options).rounds).toBe(options.rounds)
  expect(() => axisNamed('moons')).toThrow(/partitions/)
})

const run = { workload: 'count', subject: 'ours', records: 1 }
const results: SweepResults = {
  startedAt: '',
  machine: { cores: 2, model: '', memoryGiB: 1, node: '', java: undefined },
  kafka: '',
  axis: 'keys',
  points: [
    {
      at: 10,
      runs: [1, 2, 3].map((round) => ({ ...run, round, recordsPerSecond: round * 1_000 })),
    },
    { at: 1_000, runs: [{ ...run, round: 1, recordsPerSecond: 9, problem: 'wrong' }] },
  ],
}

test('a line has the medians of right runs, and leaves out points without any', () => {
  const [throughput] = figures
  if (throughput === undefined) throw new Error('a figure')
  const [line] = seriesOf(results, throughput)
  expect(line?.points).toEqual([{ at: 10, figure: { median: 2, min: 1, max: 3, runs: 3 } }])
})

test('a plot is an SVG with its lines, their names and its axes', () => {
  const figure = (median: number) => ({ median, min: median - 1, max: median + 1, runs: 3 })
  const points = [10, 100, 10_000].map((at) => ({ at, figure: figure(at / 10 + 1) }))
  const svg = plot([{ title: 'k records/s', series: [{ name: 'a<b', points }] }], {
    title: 'over keys',
    xTitle: 'keys',
    xScale: 'log',
    footer: 'measured here',
  })
  expect(svg.startsWith('<svg xmlns=')).toBe(true)
  expect(svg).toContain('a&lt;b')
  expect(svg).toContain('>10 k<')
  expect(svg).not.toContain('NaN')
  expect(svg.match(/<circle/g)).toHaveLength(3)
})
