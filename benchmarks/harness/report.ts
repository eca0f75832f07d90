/** Results as Markdown: one table a workload, medians with their ranges. */
import { machineLine } from './machine.ts'
import { ranged, ratioDigits, table } from './markdown.ts'
import type { Results, Run } from './results.ts'
import { pairedRatios, spread } from './statistics.ts'

export function markdown(results: Results): string {
  const names = new Set(results.runs.map(({ workload }) => workload))
  const tables = Array.from(names, (name) => workloadTable(results, name))
  return [...tables, ...footer(results)].join('\n')
}

function workloadTable(results: Results, workload: string): string {
  const runs = results.runs.filter((run) => run.workload === workload)
  const subjects = Array.from(new Set(runs.map(({ subject }) => subject)))
  const head = [
    'subject',
    'k records/s',
    `× ${results.baseline}`,
    'CPU s per M, after start',
    `× ${results.baseline}`,
    'CPU s per M, whole',
    'broker CPU s per M',
    'wall s',
    'GC %',
    'records',
    'runs',
  ]
  const baseline = sound(runs.filter(({ subject }) => subject === results.baseline))
  const lines = subjects.map((subject) => {
    const own = runs.filter((run) => run.subject === subject)
    return [subject, ...figures(sound(own), baseline), String(own[0]?.records ?? 0), tally(own)]
  })
  const problems = runs.flatMap(({ subject, round, problem }) =>
    problem === undefined ? [] : [`- ${subject}, round ${round}: ${problem}`],
  )
  return [
    `### ${workload}: ${results.titles[workload] ?? ''}`,
    '',
    table(head, lines),
    ...(problems.length > 0 ? ['', ...problems] : []),
    '',
  ].join('\n')
}

/** Runs with a wrong output say nothing about speed. */
function sound(runs: readonly Run[]): readonly Run[] {
  return runs.filter(({ problem }) => problem === undefined)
}

function figures(runs: readonly Run[], baseline: readonly Run[]): readonly string[] {
  const of = (figure: (run: Run) => number | undefined) => (run: Run) => figure(run) ?? Number.NaN
  const rate = of((run) => run.recordsPerSecond)
  const cpu = of((run) => run.cpuPerMillionAfterStart)
  const show = (figure: (run: Run) => number, digits: number) =>
    ranged(spread(runs.map(figure)), digits)
  // An engine of some thousand records a second needs the digits.
  const slow = runs.some((run) => rate(run) < 10_000)
  return [
    show((run) => rate(run) / 1_000, slow ? 2 : 0),
    ranged(pairedRatios(runs, baseline, rate), ratioDigits),
    show(cpu, 2),
    ranged(pairedRatios(runs, baseline, cpu), ratioDigits),
    show(
      of((run) => run.cpuPerMillion),
      2,
    ),
    show(
      of((run) => run.brokerCpuPerMillion),
      2,
    ),
    show(
      of((run) => run.wallSeconds),
      1,
    ),
    show(
      of((run) => run.gcShare && run.gcShare * 100),
      1,
    ),
  ]
}

function tally(runs: readonly Run[]): string {
  const good = sound(runs).length
  return good === runs.length ? String(good) : `${good} of ${runs.length}`
}

function footer(results: Results): readonly string[] {
  const { shape, partitions, commitMs, kafka, machine, startedAt } = results
  const skew = shape.skew === 'uniform' ? 'uniform' : `Zipf ${shape.skew}`
  return [
    `Median (range) of the runs whose output was right; ratios are of the same round. ` +
      `${partitions} partitions, ${shape.keys} keys (${skew}), ${shape.valueBytes}-byte ` +
      `${shape.format.toUpperCase()} values, commit ${commitMs} ms, exactly once, ` +
      `one process a subject. ${kafka} beside it. ${machineLine(machine)}. ${startedAt}.`,
    '',
  ]
}
