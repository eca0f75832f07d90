/**
 * How cost grows with one thing: `npm run bench:sweep -- --over=keys`, or `partitions`, `commit`,
 * `depth`, `values`; with `--points=1000,100000` for other points and the options of
 * `bench:throughput`. Leaves JSON, a table and a plot.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BenchKafka, benchKafka } from './harness/bench-kafka.ts'
import { describeMachine, machineLine } from './harness/machine.ts'
import { type BenchOptions, benchOptions } from './harness/options.ts'
import type { Run } from './harness/results.ts'
import { Rounds } from './harness/rounds.ts'
import { type Axis, axisNamed, optionsAt } from './sweep/axes.ts'
import { plot } from './sweep/plot.ts'
import { figures, seriesOf, type SweepResults } from './sweep/points.ts'
import { sweepTable } from './sweep/table.ts'

const defaults = ['--subjects=millrace,bare-loop', '--records=1000000', '--rounds=3']
const say = (text: string) => process.stderr.write(`${text}\n`)
const { over, points: asked, rest } = ownOptions(process.argv.slice(2))
const axis = axisNamed(over)
const options = benchOptions([...defaults, ...rest])
const startedAt = new Date().toISOString()

const kafka = await benchKafka(say)
try {
  const machine = await describeMachine()
  const points: { at: number; runs: readonly Run[] }[] = []
  for (const at of asked ?? axis.points) {
    say(`${axis.name}: ${at}`)
    points.push({ at, runs: await runPoint(kafka, axis, at, options) })
    // After each point: a long sweep may be ended before its last.
    const results = { startedAt, machine, kafka: kafka.description, axis: axis.name, points }
    keep(results, resolve(options.results ?? '.'))
  }
} finally {
  await kafka.close()
}

async function runPoint(
  kafka: BenchKafka,
  axis: Axis,
  at: number,
  options: BenchOptions,
): Promise<readonly Run[]> {
  Object.assign(process.env, axis.environment?.(at))
  // Inputs and groups of a point have names of their own: what the last one committed is no start.
  const own = { ...kafka, prefix: `${kafka.prefix}-${axis.name}-${at}` }
  const runs: Run[] = []
  for await (const run of new Rounds(own, optionsAt(axis, at, options), say).runs()) {
    runs.push(run)
  }
  await kafka.deleteTopics(`${own.prefix}-`)
  return runs
}

function keep(results: SweepResults, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const name = `sweep-${axis.name}-${startedAt.replaceAll(':', '').slice(0, 17)}`
  const path = join(folder, name)
  const { rounds, commitMs, partitions } = options
  const title = `${axis.workload} over ${axis.title}`
  const others = `${rounds} rounds, median and range; ${partitions} partitions, ${commitMs} ms`
  const where = `${machineLine(results.machine)}; ${startedAt.slice(0, 10)}`
  const footer = `${others} unless swept; ${where}`
  const panels = figures.map((figure) => ({
    title: figure.title,
    series: seriesOf(results, figure),
  }))
  const svg = plot(panels, {
    title,
    xTitle: axis.title,
    xScale: axis.scale,
    footer,
  })
  writeFileSync(`${path}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(`${path}.svg`, svg)
  writeFileSync(`${path}.md`, `### ${title}\n\n${sweepTable(results, axis.title)}\n\n${footer}\n`)
  say(`results in ${path}.{json,md,svg}`)
}

/** Takes this command's own options out. */
function ownOptions(args: readonly string[]) {
  const value = (name: string) =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const points = value('points')?.split(',').map(Number)
  const rest = args.filter((arg) => !/^--(over|points)=/.test(arg))
  return { over: value('over') ?? '', points, rest }
}
