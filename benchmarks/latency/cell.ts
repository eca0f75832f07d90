/** One cell of the table: one engine, one rate, one commit interval. */
import { readFileSync } from 'node:fs'
import { leash, type LeashedProcess } from '../../cluster/leash.ts'
import type { Admin } from '../../src/kafka/client/port.ts'
import type { Summary } from './histogram.ts'
import type { Generated, PartSetup, Read } from './messages.ts'
import { Part } from './part.ts'
import { sharedClock } from './shared-clock.ts'
import type { Subject } from './subjects.ts'

export interface CellPlan {
  readonly subject: Subject
  readonly input: string
  readonly output: string
  readonly brokers: string
  readonly partitions: number
  readonly perSecond: number
  readonly originMs: number
  /** From the first record at the reader. */
  readonly warmUpMs: number
  readonly measureMs: number
}

export interface CellResult {
  readonly latency: Summary
  /** User and system time of the engine per record while it was measured; NaN without engine. */
  readonly cpuMicrosPerRecord: number
  readonly lateness: Summary
  readonly acknowledged: Summary
  readonly generatorUtilization: number
  readonly readerUtilization: number
}

const keys = 10_000
const valueBytes = 100
const clockTicksPerSecond = 100

/** Topics of its own, and processes that end with it. @throws Error when records are missing. */
export async function runCell(plan: CellPlan, admin: Admin): Promise<CellResult> {
  const { subject, input, output, partitions } = plan
  const topics = Array.from(new Set([input, output]))
  await admin.createTopics(
    topics.map((name) => ({ name, partitions, replicationFactor: 1, configs: {} })),
  )
  const engine = await begin(subject)
  const setup = setupOf(plan)
  const reader = new Part('reader', { ...setup, topic: output })
  const generator = new Part('generator', { ...setup, topic: input })
  try {
    return await measure(plan, engine, generator, reader)
  } finally {
    generator.end()
    reader.end()
    engine?.process.signal('SIGKILL')
    await engine?.process.exited
    await admin.deleteTopics(topics)
  }
}

function setupOf(plan: CellPlan): Omit<PartSetup, 'topic'> {
  const { brokers, partitions, originMs, perSecond } = plan
  return { brokers, partitions, originMs, perSecond, keys, valueBytes }
}

interface Engine {
  readonly process: LeashedProcess
  readonly lastWords: string[]
}

async function begin({ command, env }: Subject): Promise<Engine | undefined> {
  const [program, ...args] = command
  if (program === undefined) return undefined
  const lastWords: string[] = []
  const onLine = (line: string) => {
    lastWords.push(line)
    if (lastWords.length > 20) lastWords.shift()
  }
  return { process: await leash(program, args, { env, onLine }), lastWords }
}

async function measure(
  plan: CellPlan,
  engine: Engine | undefined,
  generator: Part,
  reader: Part,
): Promise<CellResult> {
  const { subject, originMs, warmUpMs, measureMs, perSecond } = plan
  const failure = () =>
    engine?.process.end() === undefined
      ? undefined
      : `${subject.name} ended by itself: ${engine.lastWords.join('\n')}`
  const now = sharedClock(originMs)
  await reader.hear('first', failure)
  const fromMs = Math.ceil(now() + warmUpMs)
  const window = { fromMs, toMs: fromMs + measureMs }
  reader.say({ kind: 'window', window })
  generator.say({ kind: 'window', window })
  await sleep(window.fromMs - now())
  const before = cpuSeconds(engine)
  const beforeMs = now()
  await sleep(window.toMs - now())
  const cpu = cpuSeconds(engine) - before
  const seconds = (now() - beforeMs) / 1_000
  const { result: generated } = await generator.hear('generated', failure)
  reader.say({ kind: 'expect', records: generated.records })
  const { result: read } = await reader.hear('read', failure)
  verify(subject, generated, read)
  return {
    latency: read.latency,
    cpuMicrosPerRecord: (cpu * 1_000_000) / (perSecond * seconds),
    lateness: generated.lateness,
    acknowledged: generated.acknowledged,
    generatorUtilization: generated.utilization,
    readerUtilization: read.utilization,
  }
}

/** A fast engine is one that did its work: each record once, in the order of its partition. */
function verify({ name, ordered }: Subject, generated: Generated, read: Read): void {
  if (read.records !== generated.records) {
    throw new Error(`${name}: ${read.records} records came of ${generated.records}`)
  }
  if (ordered && read.disordered > 0) {
    throw new Error(`${name}: ${read.disordered} records are out of order`)
  }
}

/** User and system time of a running process with all its threads (Linux). */
function cpuSeconds(engine: Engine | undefined): number {
  if (engine === undefined) return Number.NaN
  const stat = readFileSync(`/proc/${engine.process.pid}/stat`, 'utf8')
  const fields = stat.split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
