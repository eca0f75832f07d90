/**
 * Latency at fixed rates, from the moment when a record ought to be sent to its arrival at a
 * `read_committed` consumer behind the engine, and the engine's CPU time per record meanwhile:
 * `npm run bench:latency -- --rates=5000 --commits=100,25 --rounds=5`. `README.md` beside this file
 * says what is measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { benchKafka } from './harness/bench-kafka.ts'
import { describeMachine } from './harness/machine.ts'
import { type Cell, Cells } from './latency/cells.ts'
import { latencyOptions } from './latency/options.ts'
import { type LatencyResults, markdown } from './latency/report.ts'

const say = (text: string) => process.stderr.write(`${text}\n`)
const options = latencyOptions(process.argv.slice(2))
const startedAt = new Date().toISOString()
const kafka = await benchKafka(say)
try {
  const cells: Cell[] = []
  for await (const cell of new Cells(kafka, options, say).run()) cells.push(cell)
  const machine = await describeMachine()
  const results = { startedAt, machine, kafka: kafka.description, options, cells }
  process.stdout.write(markdown(results))
  if (options.results !== undefined) keep(results, resolve(options.results))
} finally {
  await kafka.close()
}

/** As data and as a table, named after the time of the start. */
function keep(results: LatencyResults, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `latency-${startedAt.replaceAll(':', '').slice(0, 17)}`)
  writeFileSync(`${path}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(`${path}.md`, markdown(results))
  say(`results in ${path}.{json,md}`)
}
