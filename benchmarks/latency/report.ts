/** Latencies and steady CPU as Markdown: medians over the rounds, with ranges. */
import { type Machine, machineLine } from '../harness/machine.ts'
import { ranged, table } from '../harness/markdown.ts'
import { spread } from '../harness/statistics.ts'
import type { Cell } from './cells.ts'
import type { CellResult } from './cell.ts'
import type { LatencyOptions } from './options.ts'

export interface LatencyResults {
  readonly startedAt: string
  readonly machine: Machine
  readonly kafka: string
  readonly options: LatencyOptions
  readonly cells: readonly Cell[]
}

const headings = [
  'commit ms',
  'k records/s',
  'subject',
  'p50 ms',
  'p90',
  'p99',
  'p99.9',
  'max',
  'CPU µs per record',
  'GC %',
  'broker CPU µs',
  'generator late p99 ms',
  'acknowledged p99 ms',
  'runs',
]

export function markdown(results: LatencyResults): string {
  const { cells } = results
  const rows = Map.groupBy(cells, ({ commitMs, perSecond, subject }) =>
    [commitMs, perSecond / 1_000, subject].join(' | '),
  )
  const lines = Array.from(rows, ([first, same]) => [first, ...figures(same)])
  return [...heading(results), table(headings, lines), ...problems(cells), ''].join('\n')
}

function figures(cells: readonly Cell[]): readonly string[] {
  const of = (figure: (result: CellResult) => number) =>
    spread(cells.map(({ result }) => (result === undefined ? Number.NaN : figure(result))))
  return [
    ranged(
      of(({ latency }) => latency.p50Ms),
      digitsOf,
    ),
    ranged(
      of(({ latency }) => latency.p90Ms),
      digitsOf,
    ),
    ranged(
      of(({ latency }) => latency.p99Ms),
      digitsOf,
    ),
    ranged(
      of(({ latency }) => latency.p999Ms),
      digitsOf,
    ),
    brief(of(({ latency }) => latency.maxMs).max),
    ranged(
      of(({ cpuMicrosPerRecord }) => cpuMicrosPerRecord),
      digitsOf,
    ),
    ranged(
      of(({ gcPercent }) => gcPercent),
      digitsOf,
    ),
    brief(of(({ brokerCpuMicrosPerRecord }) => brokerCpuMicrosPerRecord).median),
    brief(of(({ lateness }) => lateness.p99Ms).median),
    brief(of(({ acknowledged }) => acknowledged.p99Ms).median),
    `${cells.filter(({ result }) => result !== undefined).length} of ${cells.length}`,
  ]
}

function heading({ options, machine, kafka, startedAt }: LatencyResults): readonly string[] {
  const { workload, partitions, valueBytes, keys, rounds, warmUpMs, measureMs } = options
  const load = `${partitions} partitions, ${keys} keys, values of ${valueBytes} bytes`
  const times = `${rounds} rounds of ${measureMs / 1_000} s after ${warmUpMs / 1_000} s`
  return [
    `### Latency of ${workload}`,
    '',
    `${load}; ${times}; medians (ranges). ${machineLine(machine)}; ${kafka}; ${startedAt}.`,
    '',
  ]
}

function problems(cells: readonly Cell[]): readonly string[] {
  const lines = cells.flatMap(({ subject, perSecond, commitMs, round, problem }) => {
    if (problem === undefined) return []
    return [`- ${subject}, ${perSecond}/s, commit ${commitMs} ms, round ${round}: ${problem}`]
  })
  return lines.length === 0 ? [] : ['', ...lines]
}

function brief(value: number): string {
  if (Number.isNaN(value)) return '–'
  return value.toFixed(digitsOf(value))
}

function digitsOf(value: number): number {
  return value < 20 ? 1 : 0
}
