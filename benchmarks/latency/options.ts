/** The command line of `npm run bench:latency`. */
import { parseArgs } from 'node:util'
import { engineNamed } from '../subjects/index.ts'
import { parseSubject, type SubjectSpec } from '../subjects/subject.ts'

export interface LatencyOptions {
  readonly workload: string
  readonly subjects: readonly LatencySubject[]
  readonly rates: readonly number[]
  readonly commitsMs: readonly number[]
  readonly rounds: number
  readonly partitions: number
  readonly keys: number
  readonly valueBytes: number
  /** From the first record at the reader to the measured time. */
  readonly warmUpMs: number
  readonly measureMs: number
  /** Between two sends of the generator. */
  readonly tickMs: number
  /** Where the results go; undefined: only printed. */
  readonly results: string | undefined
}

export interface LatencySubject extends SubjectSpec {
  /** As it was asked for. */
  readonly name: string
  /** Another checkout, built, whose engine is measured. */
  readonly checkout: string | undefined
  /** Further flags of the engine's command line. */
  readonly flags: readonly string[]
}

/** The reader reads what the generator wrote: what the harness costs. */
export const noEngine = 'none'

const definitions = {
  workload: { type: 'string', default: 'forward' },
  subjects: { type: 'string', default: 'millrace,kafka-streams,copy-loop' },
  rates: { type: 'string', default: '5000,20000' },
  commits: { type: 'string', default: '100,25' },
  rounds: { type: 'string', default: '5' },
  partitions: { type: 'string', default: '4' },
  keys: { type: 'string', default: '10000' },
  'value-bytes': { type: 'string', default: '100' },
  'warm-up': { type: 'string', default: '8' },
  measure: { type: 'string', default: '15' },
  tick: { type: 'string', default: '2' },
  results: { type: 'string', default: 'benchmarks/results' },
  'no-results': { type: 'boolean', default: false },
} as const

/** @throws Error for what is not an option, or not a value of it. */
export function latencyOptions(args: readonly string[]): LatencyOptions {
  const { values } = parseArgs({ args: [...args], options: definitions })
  const workload = values.workload
  // Others do not hand on each record with its timestamp.
  if (!['forward', 'count'].includes(workload)) throw new Error('--workload: forward or count')
  return {
    workload,
    subjects: values.subjects.split(',').map((text) => latencySubject(text, workload)),
    rates: positives('rates', values.rates),
    commitsMs: positives('commits', values.commits),
    rounds: positive('rounds', values.rounds),
    partitions: positive('partitions', values.partitions),
    keys: positive('keys', values.keys),
    valueBytes: positive('value-bytes', values['value-bytes']),
    warmUpMs: positive('warm-up', values['warm-up']) * 1_000,
    tickMs: positive('tick', values.tick),
    measureMs: positive('measure', values.measure) * 1_000,
    results: values['no-results'] ? undefined : values.results,
  }
}

/**
 * `engine[+store][+threads][@checkout][:--flag=value…]`; the last two, for Millrace alone, are to
 * measure before and after, or two settings, in one run.
 */
export function latencySubject(name: string, workload: string): LatencySubject {
  const [whole = '', ...flags] = name.split(':')
  const [text = '', checkout] = whole.split('@')
  const spec = parseSubject(text)
  if (spec.engine !== noEngine && !engineNamed(spec.engine).workloads.includes(workload)) {
    throw new Error(`${spec.engine} does not run the workload ${workload}`)
  }
  if (spec.processes > 1) throw new Error(`${name}: latency is measured of one process`)
  if (spec.engine !== 'millrace' && (checkout !== undefined || flags.length > 0)) {
    throw new Error(`${name}: only Millrace takes a checkout and flags`)
  }
  return { ...spec, name, checkout, flags }
}

function positives(option: string, text: string): readonly number[] {
  return text.split(',').map((one) => positive(option, one))
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (number > 0) return number
  throw new Error(`--${option}=${text} is no number above 0`)
}
