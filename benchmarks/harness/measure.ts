/** One run: a process is started, watched until all is committed, and what it took is told. */
import { peakMemoryMiB, processorSeconds } from './processor-time.ts'
import type { Progress } from './progress.ts'
import type { SubjectProcess } from './subject-process.ts'

export interface Measured {
  /** Committed records a second between the first and the last look at the positions. */
  readonly recordsPerSecond: number
  /** From the process's start until everything has committed. */
  readonly wallSeconds: number
  /** CPU seconds per million records: the whole life of the process, its start included. */
  readonly cpuPerMillion: number
  /** The same between the first look at which anything had committed and the last. */
  readonly cpuPerMillionAfterStart: number
  /** The most that it has had; of several processes the sum. */
  readonly memoryMiB: number
  /** Of the broker, from the process's start; undefined where it cannot be seen. */
  readonly brokerCpuPerMillion: number | undefined
}

interface Sample {
  readonly ms: number
  readonly records: number
  readonly cpu: number
  readonly brokerCpu: number
}

export interface MeasureOptions {
  readonly records: number
  readonly progress: Progress
  /** The broker's process, where it is on this machine. */
  readonly brokerPid: number | undefined
  /** After this the run has failed. */
  readonly runMsMax: number
}

const sampleMs = 20

/** @throws Error when the process ends by itself or is not done in time. */
export async function measure(subject: SubjectProcess, options: MeasureOptions): Promise<Measured> {
  const { records, brokerPid } = options
  const brokerCpuBefore = brokerCpu(brokerPid)
  const { first, last } = await watch(subject, options)
  const counted = last.records - first.records
  const ofAll = (seconds: number) => (seconds * 1_000_000) / records
  return {
    recordsPerSecond: (counted * 1_000) / (last.ms - first.ms),
    wallSeconds: (last.ms - subject.startedMs) / 1_000,
    cpuPerMillion: ofAll(last.cpu),
    cpuPerMillionAfterStart: ((last.cpu - first.cpu) * 1_000_000) / counted,
    memoryMiB: peakMemoryMiB(subject.pid),
    brokerCpuPerMillion:
      brokerPid === undefined ? undefined : ofAll(last.brokerCpu - brokerCpuBefore),
  }
}

async function watch(
  subject: SubjectProcess,
  { records, progress, brokerPid, runMsMax }: MeasureOptions,
): Promise<{ readonly first: Sample; readonly last: Sample }> {
  let first: Sample | undefined
  let committed = 0
  while (performance.now() - subject.startedMs < runMsMax) {
    committed = await progress.records()
    const done = committed >= records && (await progress.internalDone())
    if (done || (first === undefined && committed > 0)) {
      const cpu = subject.processorSeconds()
      const ms = performance.now()
      const sample = { ms, records: committed, cpu, brokerCpu: brokerCpu(brokerPid) }
      if (done && first === undefined) throw new Error('all committed at once: more records')
      first ??= sample
      if (done) return { first, last: sample }
    }
    subject.checkRunning()
    await new Promise((resolve) => setTimeout(resolve, sampleMs))
  }
  throw new Error(`not done after ${runMsMax} ms: ${committed} of ${records} records`)
}

function brokerCpu(pid: number | undefined): number {
  return pid === undefined ? Number.NaN : processorSeconds(pid)
}
