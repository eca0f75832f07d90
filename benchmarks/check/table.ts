import { assertNever } from '../../src/model/errors.ts'
import { ranged, table } from '../harness/markdown.ts'
import type { Judged, Verdict } from './judge.ts'

/** What was found, as a Markdown table and the rows that were not checked. */
export function verdictTable(judged: readonly Judged[]): string {
  const lines = judged.map(({ expected, verdict }) => [
    expected.workload,
    `${expected.subject} ÷ ${expected.baseline}`,
    expected.figure,
    expected.ratio.toFixed(2),
    `${Math.round(expected.tolerance * 100)} %`,
    ...figures(verdict),
  ])
  const reasons = judged.flatMap(({ expected, verdict }) =>
    'reason' in verdict
      ? [`- ${expected.workload}, ${expected.figure}: ${verdict.kind}: ${verdict.reason}`]
      : [],
  )
  const head = ['workload', 'ratio of', 'figure', 'recorded', 'tolerance', 'measured', 'verdict']
  return [table(head, lines), '', ...reasons].join('\n').trimEnd()
}

function figures(verdict: Verdict): readonly string[] {
  switch (verdict.kind) {
    case 'failed':
    case 'unchecked':
      return ['–', verdict.kind]
    case 'held':
    case 'better':
    case 'worse':
      return [ranged(verdict.measured, 2), verdict.kind === 'worse' ? 'WORSE' : verdict.kind]
    default:
      return assertNever(verdict)
  }
}
