/**
 * Throughput of one worker beside the bare Java copy loop, on one broker, in one run: `npm run
 * bench:throughput -- --records=3000000 --rounds=5`. Subjects take turns; a round has fresh output
 * topics and groups; medians, ranges and the ratio to the loop of the same round are printed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaJars } from '../cluster/jars.ts'
import { launchKafka } from '../cluster/launch.ts'
import type { RunningKafka } from '../cluster/kafka.ts'
import { projectRoot } from '../cluster/root.ts'
import { batchCompression } from '../src/adapters/compression/index.ts'
import { kafkajsWire } from '../src/adapters/kafkajs/wire.ts'
import { systemEnv } from '../src/env/system.ts'
import { connectKafka } from '../src/kafka/client/connect.ts'
import type { Admin } from '../src/kafka/client/port.ts'
import { fill } from './load.ts'
import { type Measured, measure, type Subject } from './subject.ts'
import { verifyOutput } from './verify.ts'

const partitions = 4
const input = 'bench-input'
const commitMs = 100
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '3000000' },
    rounds: { type: 'string', default: '5' },
    keys: { type: 'string', default: '100000' },
  },
})
const records = Number(values.records)
const rounds = Number(values.rounds)
const say = (text: string) => process.stderr.write(`${text}\n`)

// A broker in a process first: between a container and this host there is a proxy to measure too.
const launch = await launchKafka({ acceptable: ['external', 'java', 'docker'], progress: say })
if (launch.kind === 'none') throw new Error(launch.reason)
const scratch = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
try {
  await main(launch.kafka)
} finally {
  await launch.kafka.stop()
  rmSync(scratch, { recursive: true, force: true })
}

async function main(kafka: RunningKafka): Promise<void> {
  const env = systemEnv({ logLevel: 'warn' })
  const wire = kafkajsWire({ brokers: kafka.brokers.split(',') }, env)
  const client = await connectKafka({ wire, env, ...batchCompression() })
  const jars = await kafkaJars(process.env, say)
  await create(client.admin, input)
  say(`writing ${records} records of 100 bytes, ${values.keys} keys`)
  const load = { topic: input, partitions, records, keys: Number(values.keys), valueBytes: 100 }
  await fill(wire, load)
  const results = new Map<string, Measured[]>()
  for (let round = 1; round <= rounds; round++) {
    for (const make of [copyLoop, passthrough, count]) {
      const output = `bench-${make.name.toLowerCase()}-${round}`
      await create(client.admin, output)
      const subject = make(kafka.brokers, output, jars)
      const measured = await measure(subject, { topic: input, partitions, records }, client.admin)
      await verifyOutput(client, output, partitions, records)
      results.set(subject.name, [...(results.get(subject.name) ?? []), measured])
      say(`round ${round}: ${subject.name} ${thousands(measured.recordsPerSecond)} k/s`)
      await client.admin.deleteTopics([output])
    }
  }
  print(results)
  await client.close()
}

async function create(admin: Admin, name: string): Promise<void> {
  await admin.createTopics([{ name, partitions, replicationFactor: 1, configs: {} }])
}

function copyLoop(brokers: string, output: string, jars: string): Subject {
  const source = join(projectRoot, 'benchmarks/bound/CopyLoop.java')
  const classPath = join(jars, '*')
  const heap = ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
  const args = [brokers, input, output, output, String(commitMs)]
  const command = ['java', ...heap, '-cp', classPath, source, ...args]
  return { name: 'Java copy loop', command, env: {}, group: output }
}

function passthrough(brokers: string, output: string): Subject {
  return millrace('passthrough', brokers, output)
}

function count(brokers: string, output: string): Subject {
  return millrace('count', brokers, output)
}

function millrace(subject: string, brokers: string, output: string): Subject {
  const file = join(projectRoot, 'dist/benchmarks/subjects', `${subject}.js`)
  const options = ['--brokers', brokers, '--state-dir', join(scratch, output)]
  const command = [process.execPath, join(projectRoot, 'dist/src/main.js'), 'run', file, ...options]
  const env = { BENCH_APPLICATION: output, BENCH_INPUT: input, BENCH_OUTPUT: output }
  return { name: `Millrace ${subject}`, command, env, group: output }
}

function thousands(perSecond: number): string {
  return (perSecond / 1_000).toFixed(0)
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function print(results: ReadonlyMap<string, readonly Measured[]>): void {
  const loop = results.get('Java copy loop') ?? []
  const lines = ['| subject | k records/s, median (range) | CPU s per M | ratio to the loop |']
  lines.push('|---|---|---|---|')
  for (const [name, runs] of results) {
    const rates = runs.map((run) => run.recordsPerSecond)
    const ratios = rates.map((rate, i) => rate / (loop[i]?.recordsPerSecond ?? Number.NaN))
    const range = `${thousands(Math.min(...rates))}–${thousands(Math.max(...rates))}`
    const cpu = median(runs.map((run) => run.cpuSecondsPerMillion)).toFixed(2)
    const cells = [name, `${thousands(median(rates))} (${range})`, cpu, median(ratios).toFixed(2)]
    lines.push(`| ${cells.join(' | ')} |`)
  }
  lines.push(
    '',
    `${rounds} rounds, ${records} records of 100 bytes, commit ${commitMs} ms, one worker`,
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}
