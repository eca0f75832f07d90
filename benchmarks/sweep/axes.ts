/** What a sweep goes over: the points of an axis, and how each changes the run. */
import type { BenchOptions } from '../harness/options.ts'
import { workloadNamed } from '../workloads/index.ts'

export interface Axis {
  readonly name: string
  /** For the plot. */
  readonly title: string
  readonly scale: 'log' | 'linear'
  readonly points: readonly number[]
  readonly workload: string
  at(point: number, options: BenchOptions): BenchOptions
  /** What the processes under measurement read beside their arguments. */
  environment?(point: number): Readonly<Record<string, string>>
}

/** What the input of a point may take on the broker's disk. */
const inputBytesMax = 400_000_000

const keys: Axis = {
  name: 'keys',
  title: 'distinct keys (uniform)',
  scale: 'log',
  points: [1_000, 10_000, 100_000, 1_000_000, 10_000_000],
  workload: 'count',
  // As many records as keys touch 63 % of them.
  at: (point, options) => ({
    ...options,
    shape: { ...options.shape, keys: point, records: Math.max(options.shape.records, point) },
  }),
}

const partitions: Axis = {
  name: 'partitions',
  title: 'partitions',
  scale: 'log',
  points: [1, 2, 4, 8, 16, 32, 64],
  workload: 'count',
  at: (point, options) => ({ ...options, partitions: point }),
}

const commit: Axis = {
  name: 'commit',
  title: 'commit interval, ms',
  scale: 'log',
  points: [10, 25, 100, 1_000],
  workload: 'count',
  at: (point, options) => ({ ...options, commitMs: point }),
}

const depth: Axis = {
  name: 'depth',
  title: 'chained map operators',
  scale: 'linear',
  points: [0, 1, 2, 4, 8, 16, 32],
  workload: 'chain',
  at: (_, options) => options,
  environment: (point) => ({ BENCH_DEPTH: String(point) }),
}

const values: Axis = {
  name: 'values',
  title: 'bytes of a value',
  scale: 'log',
  points: [100, 1_024, 10_240],
  workload: 'forward',
  at: (point, options) => {
    const records = Math.min(options.shape.records, Math.floor(inputBytesMax / point))
    return { ...options, shape: { ...options.shape, valueBytes: point, records } }
  },
}

export const axes: readonly Axis[] = [keys, partitions, commit, depth, values]

/** @throws Error when there is none of this name. */
export function axisNamed(name: string): Axis {
  const found = axes.find((axis) => axis.name === name)
  if (found !== undefined) return found
  throw new Error(`--over: one of ${axes.map(({ name }) => name).join(', ')}`)
}

/** The options of one point; nothing is kept beside the sweep's own results. */
export function optionsAt(axis: Axis, point: number, options: BenchOptions): BenchOptions {
  const workloads = [workloadNamed(axis.workload)]
  return { ...axis.at(point, options), workloads, results: undefined }
}
