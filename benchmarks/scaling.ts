/**
 * Whether a second core is a second core: the pure pipeline (`pipeline.ts`) alone, in two threads
 * of one process, and in two processes, without a broker that would take its share of the cores.
 * `npm run bench:scaling -- --case=countPerKey --rounds=5`
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../cluster/leash.ts'
import { describeMachine, machineLine } from './harness/machine.ts'
import { coreSeconds } from './harness/machine-load.ts'
import { ranged, table } from './harness/markdown.ts'
import { type InRound, pairedRatios, spread } from './harness/statistics.ts'

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: 'countPerKey' },
    rounds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    records: { type: 'string', default: '3000000' },
  },
})
const pipeline = fileURLToPath(new URL('./pipeline.js', import.meta.url))
const args = [values.case, values.records]
const workers = Number(values.workers)

interface Figures {
  /** Millions of records a second. */
  readonly rate: number
  /** Seconds per million records of the thread that runs it: the collector's are not in it. */
  readonly cpu: number
  readonly gcPercent: number
}

/** Those of the line that follows the warm-up's. */
function figuresIn(output: string): Figures {
  const line = output.split('\n').find((text) => / M records\/s/.test(text) && !/warm/.test(text))
  const figure = (pattern: RegExp) => Number(pattern.exec(line ?? '')?.[1])
  return {
    rate: figure(/([\d.]+) M records\/s/),
    cpu: figure(/([\d.]+) CPU seconds/),
    gcPercent: figure(/([\d.]+) % collecting/),
  }
}

/** With the flags of Node that this process was given. */
async function inProcess(): Promise<Figures> {
  const flags = [...process.execArgv, '--no-warnings']
  return figuresIn(await runToEnd(process.execPath, [...flags, pipeline, ...args]))
}

async function inThread(): Promise<Figures> {
  const worker = new Worker(pipeline, { argv: args, stdout: true })
  let output = ''
  for await (const chunk of worker.stdout) output += String(chunk)
  return figuresIn(output)
}

/** Rates summed, the rest their mean. */
async function together(count: number, start: () => Promise<Figures>): Promise<Figures> {
  const all = await Promise.all(Array.from({ length: count }, () => start()))
  const sum = (of: (one: Figures) => number) => all.reduce((total, one) => total + of(one), 0)
  return {
    rate: sum(({ rate }) => rate),
    cpu: sum(({ cpu }) => cpu) / count,
    gcPercent: sum(({ gcPercent }) => gcPercent) / count,
  }
}

interface Run extends Figures, InRound {
  readonly subject: string
  /** Cores of the machine that were busy meanwhile, whoever with, and cores that its host took. */
  readonly busy: number
  readonly stolen: number
}

async function measured(subject: string, round: number): Promise<Run> {
  const before = coreSeconds()
  const begunMs = performance.now()
  const figures = await subjects[subject]?.()
  if (figures === undefined) throw new Error(`no subject ${subject}`)
  const seconds = (performance.now() - begunMs) / 1_000
  const after = coreSeconds()
  return {
    subject,
    round,
    ...figures,
    busy: (after.busy - before.busy) / seconds,
    stolen: (after.stolen - before.stolen) / seconds,
  }
}

const alone = 'one process'
const subjects: Readonly<Record<string, () => Promise<Figures>>> = {
  [alone]: () => together(1, inProcess),
  [`${workers} threads`]: () => together(workers, inThread),
  [`${workers} processes`]: () => together(workers, inProcess),
}
const runs: Run[] = []
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const subject of Object.keys(subjects)) runs.push(await measured(subject, round))
}

const ofAlone = runs.filter(({ subject }) => subject === alone)
const rows = Object.keys(subjects).map((subject) => {
  const own = runs.filter((run) => run.subject === subject)
  const show = (of: (run: Run) => number, digits: number) => ranged(spread(own.map(of)), digits)
  return [
    subject,
    show(({ rate }) => rate, 2),
    ranged(
      pairedRatios(own, ofAlone, ({ rate }) => rate),
      2,
    ),
    show(({ cpu }) => cpu, 2),
    show(({ rate, cpu }) => rate * cpu, 2),
    show(({ busy }) => busy, 2),
    show(({ stolen }) => stolen, 2),
    show(({ gcPercent }) => gcPercent, 1),
  ]
})
const head = [
  values.case,
  'M records/s',
  `× ${alone}`,
  'CPU s per M',
  'its cores',
  'busy cores',
  'stolen cores',
  'GC %',
]
const machine = machineLine(await describeMachine())
process.stdout.write(`${table(head, rows)}\n\n${values.rounds} rounds. ${machine}.\n`)
