/**
 * Whether a second core is a second core: the pure pipeline (`pipeline.ts`) alone, in two threads
 * of one process, and in two processes, without a broker that would take its share of the cores.
 * `npm run bench:scaling -- --case=countPerKey --rounds=5`
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../cluster/leash.ts'
import { type Spread, spread } from './harness/statistics.ts'

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

/** Millions of records a second; the line that follows the warm-up's. */
function rateIn(output: string): number {
  const line = output.split('\n').find((text) => / M records\/s/.test(text) && !/warm/.test(text))
  return Number(/([\d.]+) M records\/s/.exec(line ?? '')?.[1])
}

async function inProcess(): Promise<number> {
  return rateIn(await runToEnd(process.execPath, ['--no-warnings', pipeline, ...args]))
}

async function inThread(): Promise<number> {
  const worker = new Worker(pipeline, { argv: args, stdout: true })
  let output = ''
  for await (const chunk of worker.stdout) output += String(chunk)
  return rateIn(output)
}

async function together(count: number, start: () => Promise<number>): Promise<number> {
  const rates = await Promise.all(Array.from({ length: count }, () => start()))
  return rates.reduce((sum, rate) => sum + rate, 0)
}

const subjects: Readonly<Record<string, () => Promise<number>>> = {
  'one process': () => together(1, inProcess),
  [`${workers} threads`]: () => together(workers, inThread),
  [`${workers} processes`]: () => together(workers, inProcess),
}
const rates = new Map(Object.keys(subjects).map((name) => [name, [] as number[]]))
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const [name, run] of Object.entries(subjects)) rates.get(name)?.push(await run())
}

const alone = rates.get('one process') ?? []
const lines = Array.from(rates, ([name, found]) => {
  const ratios = found.map((rate, i) => rate / (alone[i] ?? Number.NaN))
  return `| ${name} | ${range(spread(found))} | ${range(spread(ratios))} |`
})
const head = [`| ${values.case} | M records/s | × one process |`, '| --- | --- | --- |']
process.stdout.write(`${[...head, ...lines].join('\n')}\n`)

function range({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`
}
