/** Kafka Streams' side: all runs in one process, which reads commands and answers with records. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { jarsOf } from '../../cluster/jars.ts'
import { kafkaVersion } from '../../cluster/kafka.ts'
import { runToEnd } from '../../cluster/leash.ts'
import { projectRoot } from '../../cluster/root.ts'
import { scratchDirectory } from '../../cluster/scratch.ts'
import { join } from 'node:path'
import type { ParityRecord } from './inputs.ts'

/** A record that came out, as one line of text: topic, key, value, timestamp. */
export type Line = string

export interface JavaRun {
  readonly name: string
  readonly input: readonly ParityRecord[]
}

/** For each run and each input record, what came of it. */
export type Answers = readonly (readonly (readonly Line[])[])[]

const folder = join(projectRoot, 'benchmarks/parity')

export async function askKafkaStreams(
  runs: readonly JavaRun[],
  say: (text: string) => void,
): Promise<Answers> {
  const pom = 'benchmarks/parity/pom.xml'
  const jars = await jarsOf({ name: `parity-${kafkaVersion}`, pom }, process.env, say)
  const scratch = scratchDirectory('parity')
  const classPath = `${scratch.path}:${join(jars, '*')}`
  const sources = ['ParityDriver.java', 'ParityTopologies.java'].map((file) => join(folder, file))
  try {
    await runToEnd('javac', ['-cp', classPath, '-d', scratch.path, ...sources])
    return await converse(classPath, scratch.path, runs)
  } finally {
    scratch.remove()
  }
}

async function converse(
  classPath: string,
  scratch: string,
  runs: readonly JavaRun[],
): Promise<Answers> {
  const memory = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  // Stores of a run that was broken off would be found by the next one.
  const place = [`-Djava.io.tmpdir=${scratch}`, '-cp', classPath]
  const java = spawn('java', [...memory, ...place, 'ParityDriver'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = new Promise<number>((resolve) => {
    java.once('exit', (code) => resolve(code ?? 137))
    java.once('error', () => resolve(127))
  })
  // It reads and answers in turn, so neither side waits for the other for ever.
  java.stdin.on('error', () => undefined)
  java.stdin.end(runs.map(commandsOf).join(''))
  const steps = await readSteps(java.stdout)
  const code = await exited
  if (code !== 0) throw new Error(`ParityDriver ended with code ${code}`)
  let at = 0
  return runs.map(({ input }) => {
    at += input.length
    return steps.slice(at - input.length, at)
  })
}

async function readSteps(output: NodeJS.ReadableStream): Promise<Line[][]> {
  const steps: Line[][] = []
  let step: Line[] = []
  for await (const line of createInterface({ input: output })) {
    if (line !== 'done') {
      step.push(line.slice('out '.length))
      continue
    }
    steps.push(step)
    step = []
  }
  return steps
}

function commandsOf({ name, input }: JavaRun): string {
  const lines = input.map(
    ({ topic, key, value, timestamp }) =>
      `in ${topic} ${wordOf(key)} ${wordOf(value)} ${timestamp}\n`,
  )
  return `begin ${name}\n${lines.join('')}end\n`
}

/** Bytes as a word: `x` and hexadecimal digits, `-` for null. */
export function wordOf(bytes: Uint8Array | null): string {
  return bytes === null ? '-' : `x${Buffer.from(bytes).toString('hex')}`
}
