/** What `millrace run --progress json` says of one worker; see src/worker/view.ts. */
export interface WorkerProgress {
  readonly phase: string
  readonly epoch: number | undefined
  readonly rebalances: number
  readonly records: number
  readonly rate: number
  readonly lag: number
  readonly tasks: number
}

/** Undefined for every other line. Threads of one process: sums, and the first one's epoch. */
export function progressOf(line: string): WorkerProgress | undefined {
  if (!line.startsWith('{"progress":')) return undefined
  const { progress } = JSON.parse(line) as { readonly progress: readonly WorkerProgress[] }
  const [first] = progress
  if (first === undefined) return undefined
  const sum = (of: (one: WorkerProgress) => number) => progress.reduce((n, one) => n + of(one), 0)
  return {
    phase: first.phase,
    epoch: first.epoch,
    rebalances: first.rebalances,
    records: sum((one) => one.records),
    rate: sum((one) => one.rate),
    lag: sum((one) => one.lag),
    tasks: sum((one) => one.tasks),
  }
}
