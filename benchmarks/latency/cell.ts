/** One cell of the table: one engine, one rate, one commit interval. */
import { gcSeconds } from '../harness/gc-time.ts'
import { processorSeconds } from '../harness/processor-time.ts'
import { type SubjectCommand, SubjectProcess } from '../harness/subject-process.ts'
import type { Summary } from './histogram.ts'
import type { Generated, PartSetup, Read } from './messages.ts'
import { Part } from './part.ts'
import { sharedClock } from './shared-clock.ts'

export interface CellPlan {
  /** Undefined: the reader reads the input. */
  readonly command: SubjectCommand | undefined
  /** Where the engine tells its time for garbage. */
  readonly gcDirectory: string
  readonly brokerPid: number | undefined
  readonly input: string
  readonly output: string
  readonly setup: Omit<PartSetup, 'topic'>
  /** From the first record at the reader. */
  readonly warmUpMs: number
  readonly measureMs: number
}

export interface CellResult {
  readonly latency: Summary
  /** User and system time of the engine per record while it was measured; NaN without engine. */
  readonly cpuMicrosPerRecord: number
  readonly brokerCpuMicrosPerRecord: number
  /** Of the measured time, as `harness/gc-time.ts` has it; NaN without engine. */
  readonly gcPercent: number
  /** Of the generator behind its own schedule, which is part of the latency. */
  readonly lateness: Summary
  /** The generator's Produce requests: what the broker took. */
  readonly acknowledged: Summary
  /** Share of the time that the processes were busy, 0 to 1. */
  readonly generatorBusy: number
  readonly readerBusy: number
}

/** @throws Error when records are missing, doubled or out of order, or a process failed. */
export async function runCell(plan: CellPlan): Promise<CellResult> {
  const { command, setup, input, output } = plan
  const engine = command === undefined ? undefined : await SubjectProcess.start(command)
  const reader = new Part('reader', { ...setup, topic: output })
  const generator = new Part('generator', { ...setup, topic: input })
  try {
    return await measure(plan, engine, generator, reader)
  } finally {
    generator.end()
    reader.end()
    await engine?.kill()
  }
}

async function measure(
  plan: CellPlan,
  engine: SubjectProcess | undefined,
  generator: Part,
  reader: Part,
): Promise<CellResult> {
  const { warmUpMs, measureMs, gcDirectory, brokerPid, setup } = plan
  const now = sharedClock(setup.originMs)
  const checkEngine = () => engine?.checkRunning()
  const times = () => ({
    ms: now(),
    engine: engine?.processorSeconds() ?? Number.NaN,
    gc: (engine && gcSeconds(gcDirectory)) ?? Number.NaN,
    broker: brokerPid === undefined ? Number.NaN : processorSeconds(brokerPid),
  })
  await reader.hear('first', checkEngine)
  const fromMs = Math.ceil(now() + warmUpMs)
  const window = { fromMs, toMs: fromMs + measureMs }
  reader.say({ kind: 'window', window })
  generator.say({ kind: 'window', window })
  await sleep(window.fromMs - now())
  const before = times()
  await sleep(window.toMs - now())
  const after = times()
  const records = ((after.ms - before.ms) * setup.perSecond) / 1_000
  const { result: generated } = await generator.hear('generated', checkEngine)
  reader.say({ kind: 'expect', records: generated.records })
  const { result: read } = await reader.hear('read', checkEngine)
  verify(generated, read)
  return {
    latency: read.latency,
    cpuMicrosPerRecord: ((after.engine - before.engine) * 1_000_000) / records,
    brokerCpuMicrosPerRecord: ((after.broker - before.broker) * 1_000_000) / records,
    gcPercent: ((after.gc - before.gc) * 100_000) / (after.ms - before.ms),
    lateness: generated.lateness,
    acknowledged: generated.acknowledged,
    generatorBusy: generated.busy,
    readerBusy: read.busy,
  }
}

/** A fast engine is one that did its work: each record once, in the order of its partition. */
function verify(generated: Generated, read: Read): void {
  if (read.records !== generated.records) {
    throw new Error(`${read.records} records came of ${generated.records}`)
  }
  if (read.disordered > 0) throw new Error(`${read.disordered} records are out of order`)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
