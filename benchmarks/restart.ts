/**
 * From a kill to output again: `npm run bench:restart -- --keys=1000000 --rounds=5`. `README.md`
 * beside this file says what is measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { benchKafka } from './harness/bench-kafka.ts'
import { describeMachine, machineLine } from './harness/machine.ts'
import { ranged, table } from './harness/markdown.ts'
import { spread } from './harness/statistics.ts'
import { restartOptions } from './restart/options.ts'
import { type Restart, Restarts } from './restart/restarts.ts'

const say = (text: string) => process.stderr.write(`${text}\n`)
const options = restartOptions(process.argv.slice(2))
const startedAt = new Date().toISOString()
const kafka = await benchKafka(say)
try {
  const restarts = await new Restarts(kafka, options, say).run()
  const machine = await describeMachine()
  const { keys, perSecond, store, partitions } = options
  const text = [
    `### Restart after kill −9: ${keys} keys, ${perSecond} records/s, store ${store}`,
    '',
    table(
      ['stores', 'ms to the first new output (range)', 'runs'],
      [row('kept', restarts), row('deleted', restarts)],
    ),
    '',
    `${partitions} partitions, ${kafka.description}. ${machineLine(machine)}`,
    '',
  ].join('\n')
  process.stdout.write(text)
  if (options.results !== undefined) {
    const folder = resolve(options.results)
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `restart-${startedAt.replaceAll(':', '').slice(0, 17)}`)
    const results = { startedAt, machine, kafka: kafka.description, options, restarts }
    writeFileSync(`${path}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
    writeFileSync(`${path}.md`, text)
    say(`results in ${path}.{json,md}`)
  }
} finally {
  await kafka.close()
}

function row(state: Restart['state'], restarts: readonly Restart[]): readonly string[] {
  const times = restarts.filter((one) => one.state === state).map(({ ms }) => ms)
  return [state, ranged(spread(times), 0), String(times.length)]
}
