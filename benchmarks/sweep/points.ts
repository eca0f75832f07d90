/** What a sweep found, and the lines that are drawn of it. */
import type { Machine } from '../harness/machine.ts'
import type { Run } from '../harness/results.ts'
import { type Spread, spread } from '../harness/statistics.ts'

export interface SweepResults {
  readonly startedAt: string
  readonly machine: Machine
  readonly kafka: string
  readonly axis: string
  readonly points: readonly { readonly at: number; readonly runs: readonly Run[] }[]
}

export interface SweepFigure {
  readonly title: string
  /** After the point, in a table. */
  readonly digits: number
  of(run: Run): number
}

export const figures: readonly SweepFigure[] = [
  {
    title: 'k records/s',
    digits: 0,
    of: (run) => (run.recordsPerSecond ?? Number.NaN) / 1_000,
  },
  {
    title: 'CPU s per M records, after start',
    digits: 2,
    of: (run) => run.cpuPerMillionAfterStart ?? Number.NaN,
  },
  {
    title: 'garbage collection, % of the time',
    digits: 1,
    of: (run) => (run.gcShare ?? Number.NaN) * 100,
  },
  { title: 'peak memory, MiB', digits: 0, of: (run) => run.memoryMiB ?? Number.NaN },
]

export interface Series {
  readonly name: string
  readonly points: readonly { readonly at: number; readonly figure: Spread }[]
}

/** A line per subject; points at which it has no right run are left out. */
export function seriesOf(results: SweepResults, figure: SweepFigure): readonly Series[] {
  const names = new Set(results.points.flatMap(({ runs }) => runs.map(({ subject }) => subject)))
  return Array.from(names, (name) => ({
    name,
    points: results.points.flatMap(({ at, runs }) => {
      const own = runs.filter((run) => run.subject === name && run.problem === undefined)
      const found = spread(own.map((run) => figure.of(run)))
      return found.runs === 0 ? [] : [{ at, figure: found }]
    }),
  }))
}
