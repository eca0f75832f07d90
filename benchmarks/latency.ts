/**
 * Latency at fixed rates, from the moment when a record ought to be sent to its arrival at a
 * `read_committed` consumer behind the engine, and the engine's CPU time per record meanwhile:
 *
 * `npm run bench:latency -- --rates=5000,20000 --commits=100,25 --rounds=5`
 *
 * Engines take turns; each cell has topics and processes of its own, and a verified output.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaJars } from '../cluster/jars.ts'
import type { RunningKafka } from '../cluster/kafka.ts'
import { launchKafka } from '../cluster/launch.ts'
import { batchCompression } from '../src/adapters/compression/index.ts'
import { kafkajsWire } from '../src/adapters/kafkajs/wire.ts'
import { systemEnv } from '../src/env/system.ts'
import { connectKafka } from '../src/kafka/client/connect.ts'
import { runCell } from './latency/cell.ts'
import { type Cell, markdown } from './latency/report.ts'
import { chooseOrigin } from './latency/shared-clock.ts'
import { subjects } from './latency/subjects.ts'

const partitions = 4
const { values } = parseArgs({
  options: {
    subjects: { type: 'string', default: 'loop,passthrough,count' },
    rates: { type: 'string', default: '5000,20000' },
    commits: { type: 'string', default: '100,25' },
    rounds: { type: 'string', default: '5' },
    /** Seconds. */
    'warm-up': { type: 'string', default: '5' },
    measure: { type: 'string', default: '10' },
    /** File for everything measured. */
    json: { type: 'string' },
  },
})
const say = (text: string) => process.stderr.write(`${text}\n`)

// A broker in a process first: between a container and this host there is a proxy to measure too.
const launch = await launchKafka({ acceptable: ['external', 'java', 'docker'], progress: say })
if (launch.kind === 'none') throw new Error(launch.reason)
const scratch = mkdtempSync(join(tmpdir(), 'millrace-latency-'))
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
  const cells: Cell[] = []
  for (const [number, wanted] of order().entries()) {
    const { subject: name, perSecond, commitMs, round } = wanted
    const input = `latency-${process.pid}-${number}-in`
    const output = name === 'none' ? input : `latency-${process.pid}-${number}-out`
    const place = { brokers: kafka.brokers, input, output, commitMs, jars }
    const subject = subjects[name]?.({ ...place, scratch: join(scratch, output) })
    if (subject === undefined)
      throw new Error(`no subject "${name}": ${Object.keys(subjects).join()}`)
    const plan = {
      subject,
      input,
      output,
      partitions,
      perSecond,
      brokers: kafka.brokers,
      originMs: chooseOrigin(),
      warmUpMs: Number(values['warm-up']) * 1_000,
      measureMs: Number(values.measure) * 1_000,
    }
    const result = await runCell(plan, client.admin)
    cells.push({ subject: subject.name, perSecond, commitMs, round, result })
    say(line(cells.at(-1)))
  }
  await client.close()
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(cells, undefined, 2))
  process.stdout.write(`${markdown(cells)}\n`)
}

interface Wanted {
  readonly subject: string
  readonly perSecond: number
  readonly commitMs: number
  readonly round: number
}

/** Round by round, so that a change of the machine meets all subjects. */
function order(): readonly Wanted[] {
  const numbers = (text: string) => text.split(',').map(Number)
  const rounds = Array.from({ length: Number(values.rounds) }, (_, i) => i + 1)
  return rounds.flatMap((round) =>
    numbers(values.commits).flatMap((commitMs) =>
      numbers(values.rates).flatMap((perSecond) =>
        values.subjects.split(',').map((subject) => ({ subject, perSecond, commitMs, round })),
      ),
    ),
  )
}

function line(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  const { subject, perSecond, commitMs, round, result } = cell
  const { latency, cpuMicrosPerRecord, lateness, acknowledged } = result
  const ms = (value: number) => value.toFixed(1)
  return [
    `round ${round}: ${subject}, ${perSecond}/s, commit ${commitMs} ms:`,
    `p50 ${ms(latency.p50Ms)} p99 ${ms(latency.p99Ms)} max ${ms(latency.maxMs)} ms,`,
    `CPU ${ms(cpuMicrosPerRecord)} µs a record;`,
    `generator late p99 ${ms(lateness.p99Ms)}, acknowledged p99 ${ms(acknowledged.p99Ms)} ms,`,
    `busy ${result.generatorUtilization.toFixed(2)}, reader ${result.readerUtilization.toFixed(2)}`,
  ].join(' ')
}
