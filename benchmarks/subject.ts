/**
 * A process under measurement: started, watched through its group's committed positions, killed at
 * the end.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Admin } from '../src/kafka/client/port.ts'

export interface Subject {
  readonly name: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly group: string
}

export interface Measured {
  readonly recordsPerSecond: number
  /** User and system seconds of the process per million records, its start included. */
  readonly cpuSecondsPerMillion: number
}

const sampleMs = 20
/** What a run may take before it is given up. */
const runMsMax = 180_000
const clockTicksPerSecond = 100

/** Runs the subject until its group has committed the whole input. */
export async function measure(
  subject: Subject,
  input: { readonly topic: string; readonly partitions: number; readonly records: number },
  admin: Admin,
): Promise<Measured> {
  const [program, ...args] = subject.command
  const env = { ...process.env, ...subject.env }
  const child = spawn(program ?? '', args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000)
  })
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const partitions = Array.from({ length: input.partitions }, (_, partition) => ({
    topic: input.topic,
    partition,
  }))
  const committed = async () => {
    const positions = await admin.committedOffsets(subject.group, partitions)
    return Array.from(positions.values()).reduce((sum, position) => sum + position.offset, 0)
  }
  try {
    const { first, last } = await watch(committed, input.records, () =>
      child.exitCode === null ? undefined : `${subject.name} ended by itself: ${complaint}`,
    )
    const cpuSeconds = child.pid === undefined ? Number.NaN : cpuSecondsOf(child.pid)
    return {
      recordsPerSecond: ((last.records - first.records) * 1_000) / (last.ms - first.ms),
      cpuSecondsPerMillion: (cpuSeconds * 1_000_000) / input.records,
    }
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

interface Sample {
  readonly ms: number
  readonly records: number
}

/** The first sample with anything committed, and the first with everything. */
async function watch(
  committed: () => Promise<number>,
  records: number,
  failure: () => string | undefined,
): Promise<{ readonly first: Sample; readonly last: Sample }> {
  const start = performance.now()
  let first: Sample | undefined
  while (performance.now() - start < runMsMax) {
    const sample = { records: await committed(), ms: performance.now() }
    if (first === undefined && sample.records > 0) first = sample
    if (first !== undefined && sample.records >= records) return { first, last: sample }
    const wrong = failure()
    if (wrong !== undefined) throw new Error(wrong)
    await new Promise((resolve) => setTimeout(resolve, sampleMs))
  }
  throw new Error(`not done after ${runMsMax} ms: ${await committed()} of ${records} records`)
}

/** User and system time of a running process, children not included (Linux). */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond
}
