/** What is said of repeated runs. */

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: number
}

/** Of the numbers that there are; NaN where there are none. */
export function spread(numbers: readonly number[]): Spread {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).toSorted((a, b) => a - b)
  return {
    median: median(sorted),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    runs: sorted.length,
  }
}

function median(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

export interface InRound {
  readonly round: number
}

/**
 * The ratio of a figure to the baseline's of the same round: what the machine did meanwhile falls
 * out of it. Rounds that one of the two lacks are left out.
 */
export function pairedRatios<Run extends InRound>(
  runs: readonly Run[],
  baseline: readonly Run[],
  figure: (run: Run) => number,
): Spread {
  const ratios = runs.map((run) => {
    const beside = baseline.find(({ round }) => round === run.round)
    return beside === undefined ? Number.NaN : figure(run) / figure(beside)
  })
  return spread(ratios)
}
