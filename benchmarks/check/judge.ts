/** Whether measured ratios hold what was recorded of them. */
import type { Run } from '../harness/results.ts'
import { pairedRatios, type Spread } from '../harness/statistics.ts'

/** `throughput`: more is better. `cpu`: CPU seconds per record after the start; less is better. */
export type Figure = 'throughput' | 'cpu'

export interface ExpectedRatio {
  readonly workload: string
  readonly subject: string
  /** What the subject's figure is divided by: another subject of the same rounds. */
  readonly baseline: string
  readonly figure: Figure
  readonly ratio: number
  /** Part of the ratio by which it may be worse: 0.25 is a quarter. */
  readonly tolerance: number
}

export type Verdict =
  | { readonly kind: 'held' | 'better' | 'worse'; readonly measured: Spread }
  /** The subject itself failed, or what it wrote was wrong: that is no speed to compare. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** What it is compared with was not there. */
  | { readonly kind: 'unchecked'; readonly reason: string }

export interface Judged {
  readonly expected: ExpectedRatio
  readonly verdict: Verdict
}

export function judge(expected: readonly ExpectedRatio[], runs: readonly Run[]): readonly Judged[] {
  return expected.map((row) => ({ expected: row, verdict: judgeRow(row, runs) }))
}

/** The guard passes when something was checked and nothing was worse or failed. */
export function passes(judged: readonly Judged[]): boolean {
  const kinds = judged.map(({ verdict }) => verdict.kind)
  const wasChecked = kinds.some((kind) => kind !== 'unchecked')
  return wasChecked && !kinds.includes('worse') && !kinds.includes('failed')
}

function judgeRow(expected: ExpectedRatio, runs: readonly Run[]): Verdict {
  const own = runsOf(runs, expected.workload, expected.subject)
  const wrong = own.find(({ problem }) => problem !== undefined)
  if (wrong !== undefined) return { kind: 'failed', reason: wrong.problem ?? '' }
  const beside = runsOf(runs, expected.workload, expected.baseline)
  const sound = beside.filter(({ problem }) => problem === undefined)
  const measured = pairedRatios(own, sound, figureOf[expected.figure])
  if (measured.runs === 0) return { kind: 'unchecked', reason: whyNot(expected, own, beside) }
  return { kind: compare(expected, measured.median), measured }
}

function compare({ figure, ratio, tolerance }: ExpectedRatio, measured: number) {
  // As if more were better in both.
  const change = figure === 'throughput' ? measured / ratio : ratio / measured
  if (change < 1 - tolerance) return 'worse'
  return change > 1 / (1 - tolerance) ? 'better' : 'held'
}

function whyNot(expected: ExpectedRatio, own: readonly Run[], beside: readonly Run[]): string {
  if (own.length === 0) return `${expected.subject} did not run`
  const problem = beside.find((run) => run.problem !== undefined)?.problem
  return problem === undefined
    ? `${expected.baseline} did not run`
    : `${expected.baseline}: ${problem}`
}

const figureOf: Readonly<Record<Figure, (run: Run) => number>> = {
  throughput: ({ recordsPerSecond }) => recordsPerSecond ?? Number.NaN,
  cpu: ({ cpuPerMillionAfterStart }) => cpuPerMillionAfterStart ?? Number.NaN,
}

function runsOf(runs: readonly Run[], workload: string, subject: string): readonly Run[] {
  return runs.filter((run) => run.workload === workload && run.subject === subject)
}
