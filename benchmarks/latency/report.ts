/** The table of latencies and steady CPU. */
import type { CellResult } from './cell.ts'

export interface Cell {
  readonly subject: string
  readonly perSecond: number
  readonly commitMs: number
  readonly round: number
  readonly result: CellResult
}

const headings = [
  'commit ms',
  'k records/s',
  'subject',
  'p50 ms (range)',
  'p90',
  'p99 (range)',
  'p99.9',
  'max',
  'CPU µs per record (range)',
  'generator late p99 ms',
  'acknowledged p99 ms',
]

/** Medians and ranges over the rounds; `max` is of all of them. */
export function markdown(cells: readonly Cell[]): string {
  const rows = Map.groupBy(cells, ({ commitMs, perSecond, subject }) =>
    [commitMs, perSecond / 1_000, subject].join(' | '),
  )
  const lines = [`| ${headings.join(' | ')} |`, `|${headings.map(() => '---').join('|')}|`]
  for (const [row, same] of rows) {
    const of = (pick: (result: CellResult) => number) => same.map(({ result }) => pick(result))
    const numbers = [
      ranged(of(({ latency }) => latency.p50Ms)),
      brief(median(of(({ latency }) => latency.p90Ms))),
      ranged(of(({ latency }) => latency.p99Ms)),
      brief(median(of(({ latency }) => latency.p999Ms))),
      brief(Math.max(...of(({ latency }) => latency.maxMs))),
      ranged(of(({ cpuMicrosPerRecord }) => cpuMicrosPerRecord)),
      brief(median(of(({ lateness }) => lateness.p99Ms))),
      brief(median(of(({ acknowledged }) => acknowledged.p99Ms))),
    ]
    lines.push(`| ${row} | ${numbers.join(' | ')} |`)
  }
  return lines.join('\n')
}

function ranged(values: readonly number[]): string {
  if (values.some(Number.isNaN)) return '–'
  const range = `${brief(Math.min(...values))}–${brief(Math.max(...values))}`
  return values.length === 1 ? brief(median(values)) : `${brief(median(values))} (${range})`
}

function brief(value: number): string {
  if (Number.isNaN(value)) return '–'
  return value.toFixed(value < 10 ? 1 : 0)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
