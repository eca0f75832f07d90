import { expect, test } from '@jest/globals'
import { type ExpectedRatio, judge, passes } from '../../../benchmarks/check/judge.ts'
import { verdictTable } from '../../../benchmarks/check/table.ts'
import type { Run } from '../../../benchmarks/harness/results.ts'

const throughput: ExpectedRatio = {
  workload: 'count',
  subject: 'ours',
  baseline: 'limit',
  figure: 'throughput',
  ratio: 0.5,
  tolerance: 0.2,
}
const cpu: ExpectedRatio = { ...throughput, figure: 'cpu', ratio: 4 }

/** Three rounds in which the machine is slower and slower, with these ratios throughout. */
function rounds(rate: number, cpuRatio: number): Run[] {
  return [1, 2, 3].flatMap((round) => [
    run('limit', round, 900_000 / round, round),
    run('ours', round, (rate * 900_000) / round, cpuRatio * round),
  ])
}

function run(subject: string, round: number, recordsPerSecond: number, seconds: number): Run {
  const figures = { recordsPerSecond, cpuPerMillionAfterStart: seconds }
  return { workload: 'count', subject, round, records: 1_000, ...figures }
}

const kinds = (expected: readonly ExpectedRatio[], runs: readonly Run[]) =>
  judge(expected, runs).map(({ verdict }) => verdict.kind)

test('a ratio holds within its tolerance, however slow the machine becomes', () => {
  const judged = judge([throughput, cpu], rounds(0.45, 4.5))
  expect(judged.map(({ verdict }) => verdict.kind)).toEqual(['held', 'held'])
  expect(passes(judged)).toBe(true)
})

test('the guard fails when throughput falls or CPU grows by more than the tolerance', () => {
  expect(kinds([throughput, cpu], rounds(0.39, 4))).toEqual(['worse', 'held'])
  expect(kinds([throughput, cpu], rounds(0.5, 5.1))).toEqual(['held', 'worse'])
  expect(passes(judge([throughput, cpu], rounds(0.39, 4)))).toBe(false)
  expect(verdictTable(judge([throughput], rounds(0.39, 4)))).toContain('WORSE')
})

test('a ratio that became better is told, and passes', () => {
  const judged = judge([throughput, cpu], rounds(0.7, 2))
  expect(judged.map(({ verdict }) => verdict.kind)).toEqual(['better', 'better'])
  expect(passes(judged)).toBe(true)
})

test('rows whose limit is not there are listed, and do not fail the others', () => {
  const absent = { ...throughput, baseline: 'java' }
  const runs = [...rounds(0.5, 4), { ...run('java', 1, 0, 0), problem: 'no JDK' }]
  const judged = judge([throughput, absent], runs)
  expect(judged.map(({ verdict }) => verdict.kind)).toEqual(['held', 'unchecked'])
  expect(passes(judged)).toBe(true)
  expect(verdictTable(judged)).toContain('unchecked: java: no JDK')
})

test('the guard fails when nothing could be checked', () => {
  expect(passes(judge([throughput], []))).toBe(false)
})

test('the guard fails when the output of one of our runs was wrong', () => {
  const [limit, ours] = rounds(0.5, 4)
  if (limit === undefined || ours === undefined) throw new Error('rounds of two runs')
  const judged = judge([throughput], [limit, { ...ours, problem: 'k0000007 ends at 3, not 4' }])
  expect(judged.map(({ verdict }) => verdict.kind)).toEqual(['failed'])
  expect(passes(judged)).toBe(false)
})
