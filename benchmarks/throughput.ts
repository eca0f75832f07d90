/**
 * Throughput beside the peers, on one broker, in one run: `npm run bench:throughput --
 * --workloads=passthrough,count --subjects=millrace,kafka-streams --records=1000000 --rounds=5`.
 * `README.md` beside this file says what is measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { benchKafka } from './harness/bench-kafka.ts'
import { describeMachine } from './harness/machine.ts'
import { benchOptions } from './harness/options.ts'
import { markdown } from './harness/report.ts'
import type { Results, Run } from './harness/results.ts'
import { Rounds } from './harness/rounds.ts'

const say = (text: string) => process.stderr.write(`${text}\n`)
const options = benchOptions(process.argv.slice(2))
const startedAt = new Date().toISOString()
const kafka = await benchKafka(say)
try {
  const runs: Run[] = []
  for await (const run of new Rounds(kafka, options, say).runs()) runs.push(run)
  const { shape, partitions, commitMs, baseline, workloads } = options
  const results: Results = {
    startedAt,
    machine: await describeMachine(),
    kafka: kafka.description,
    commitMs,
    partitions,
    shape,
    baseline,
    titles: Object.fromEntries(workloads.map(({ name, title }) => [name, title])),
    runs,
  }
  process.stdout.write(markdown(results))
  if (options.results !== undefined) keep(results, resolve(options.results))
} finally {
  await kafka.close()
}

/** As data and as tables, named after the time of the start. */
function keep(results: Results, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `throughput-${startedAt.replaceAll(':', '').slice(0, 17)}`)
  writeFileSync(`${path}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(`${path}.md`, markdown(results))
  say(`results in ${path}.{json,md}`)
}
