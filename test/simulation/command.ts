import { parseArgs } from 'node:util'
import { minimise } from './minimise.ts'
import { runSeed, type Verdict } from './run-seed.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/index.ts'

interface Options {
  readonly scenarios: readonly Scenario[]
  readonly first: number
  readonly seeds: number
  readonly minutes: number | undefined
  readonly without: readonly number[]
  readonly seconds: number
  readonly verbose: boolean
  readonly keepGoing: boolean
  /** Stop at the first wrong run; the last line says it as JSON. */
  readonly brief: boolean
}

/** @returns The exit code: 0 only if every run was right. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const options = parse(args)
  const { first, seeds, seconds } = options
  const names = options.scenarios.map(({ name }) => name).join(', ')
  say(`simulation: ${seeds} seeds from ${first}; scenarios: ${names}`)
  const begun = performance.now()
  const sum = { runs: 0, wrong: 0, virtualMs: 0, events: 0, faults: 0 }
  for (let i = 0; i < seeds; i++) {
    const elapsedMs = performance.now() - begun
    if (elapsedMs > seconds * 1000) {
      say(`stopped after ${seconds} s`)
      break
    }
    const scenario = options.scenarios[i % options.scenarios.length]
    if (scenario === undefined) return 2
    const seed = first + i
    const { minutes, without } = options
    const verdict = await runSeed(scenario, { seed, minutes, without })
    sum.runs++
    if (verdict.kind === 'right') {
      sum.virtualMs += verdict.result.virtualMs
      sum.events += verdict.result.events
      sum.faults += verdict.result.faults.length
      if (options.verbose) say(`seed ${seed} ${scenario.name}: trace ${verdict.result.trace}`)
      continue
    }
    sum.wrong++
    if (options.brief) {
      const check = verdict.run?.findings[0]?.check ?? verdict.error.message
      say(JSON.stringify({ caught: true, seeds: sum.runs, seed, scenario: scenario.name, check }))
      return 1
    }
    await tell(scenario, seed, verdict, options)
    if (!options.keepGoing) break
  }
  if (options.brief) say(JSON.stringify({ caught: false, seeds: sum.runs }))
  if (options.brief) return 0
  const minutes = (performance.now() - begun) / 60_000
  const rate = Math.round(sum.runs / minutes)
  const hours = (sum.virtualMs / 3_600_000).toFixed(2)
  say(
    `${sum.runs} runs, ${sum.wrong} wrong; ${rate} a minute; ${hours} virtual hours, ` +
      `${sum.events} events, ${sum.faults} faults; seeds from ${first}`,
  )
  return sum.wrong === 0 ? 0 : 1
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      scenario: { type: 'string' },
      minutes: { type: 'string' },
      seconds: { type: 'string', default: '86400' },
      without: { type: 'string', default: '' },
      verbose: { type: 'boolean', default: false },
      brief: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
    },
  })
  const chosen = scenarios.filter(({ name }) => [undefined, name].includes(values.scenario))
  if (chosen.length === 0) {
    const known = scenarios.map(({ name }) => name).join(', ')
    throw new Error(`--scenario=${values.scenario}: there are ${known}`)
  }
  const first = Number(values.seed ?? Math.floor(Math.random() * 1e9))
  return {
    scenarios: chosen,
    first,
    seeds: Number(values.seeds ?? (values.seed === undefined ? 100 : 1)),
    minutes: values.minutes === undefined ? undefined : Number(values.minutes),
    seconds: Number(values.seconds),
    without: values.without === '' ? [] : values.without.split(',').map(Number),
    verbose: values.verbose,
    keepGoing: values['keep-going'],
    brief: values.brief,
  }
}

async function tell(
  scenario: Scenario,
  seed: number,
  verdict: Extract<Verdict, { kind: 'wrong' }>,
  { minutes, without, verbose }: Options,
): Promise<void> {
  say(`WRONG: seed ${seed}, scenario ${scenario.name}`)
  say(verdict.error.message)
  if (verbose) say([...(verdict.run?.logs ?? []), ...(verdict.run?.events ?? [])].join('\n'))
  if (verbose) say(JSON.stringify(verdict.run?.conditions))
  if (verdict.run === undefined) say(verdict.error.stack ?? '')
  const length = minutes === undefined ? '' : ` --minutes=${minutes}`
  const base = `npm run sim -- --scenario=${scenario.name} --seed=${seed}${length}`
  say(`replay: ${base}${without.length === 0 ? '' : ` --without=${without.join(',')}`} --verbose`)
  const fewer = await minimise(scenario, { seed, minutes, without }, verdict)
  if (fewer === undefined) return
  say(`still wrong with these faults alone:\n${fewer.faults.join('\n')}`)
  say(`replay: ${base} --without=${fewer.without.join(',')} --verbose`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
