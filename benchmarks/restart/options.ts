/** The command line of `npm run bench:restart`. */
import { parseArgs } from 'node:util'

export interface RestartOptions {
  readonly keys: number
  readonly perSecond: number
  readonly rounds: number
  readonly partitions: number
  readonly valueBytes: number
  /** Between a start and the next kill: longer than what stores are flushed after. */
  readonly settleMs: number
  readonly store: string
  /** Tells what the engine logs while it comes back. */
  readonly log: boolean
  /** Where the results go; undefined: only printed. */
  readonly results: string | undefined
}

const definitions = {
  keys: { type: 'string', default: '1000000' },
  rate: { type: 'string', default: '10000' },
  rounds: { type: 'string', default: '5' },
  partitions: { type: 'string', default: '4' },
  'value-bytes': { type: 'string', default: '100' },
  settle: { type: 'string', default: '8' },
  store: { type: 'string', default: 'lmdb' },
  log: { type: 'boolean', default: false },
  results: { type: 'string', default: 'benchmarks/results' },
  'no-results': { type: 'boolean', default: false },
} as const

/** @throws Error for what is not an option, or not a value of it. */
export function restartOptions(args: readonly string[]): RestartOptions {
  const { values } = parseArgs({ args: [...args], options: definitions })
  return {
    keys: count('keys', values.keys),
    perSecond: count('rate', values.rate),
    rounds: count('rounds', values.rounds),
    partitions: count('partitions', values.partitions),
    valueBytes: count('value-bytes', values['value-bytes']),
    settleMs: count('settle', values.settle) * 1_000,
    store: values.store,
    log: values.log,
    results: values['no-results'] ? undefined : values.results,
  }
}

function count(option: string, text: string): number {
  const number = Number(text)
  if (number > 0 && Number.isInteger(number)) return number
  throw new Error(`--${option}=${text} is no whole number above 0`)
}
