/** The command line of `npm run bench:throughput`. */
import { parseArgs } from 'node:util'
import type { LoadShape } from '../load/events.ts'
import { valueFormats } from '../load/values.ts'
import { engineNamed } from '../subjects/index.ts'
import { parseSubject, type SubjectSpec } from '../subjects/subject.ts'
import { workloadNamed } from '../workloads/index.ts'
import type { Workload } from '../workloads/workload.ts'

export interface BenchOptions {
  readonly workloads: readonly Workload[]
  readonly subjects: readonly NamedSubject[]
  /** What the ratios are to; without effect where it did not run. */
  readonly baseline: string
  readonly shape: LoadShape
  /** What engines get that would take minutes for the rest's. */
  readonly slowRecords: number
  readonly rounds: number
  readonly partitions: number
  readonly commitMs: number
  /** Where the results go; undefined: only printed. */
  readonly results: string | undefined
}

export interface NamedSubject extends SubjectSpec {
  /** As it was asked for: `kafka-streams+rocksdb`. */
  readonly name: string
}

const definitions = {
  workloads: { type: 'string', default: 'forward,passthrough,count' },
  subjects: { type: 'string', default: 'millrace,kafka-streams,copy-loop' },
  baseline: { type: 'string', default: 'kafka-streams' },
  records: { type: 'string', default: '3000000' },
  'slow-records': { type: 'string', default: '20000' },
  rounds: { type: 'string', default: '5' },
  partitions: { type: 'string', default: '4' },
  keys: { type: 'string', default: '100000' },
  skew: { type: 'string', default: 'uniform' },
  'value-bytes': { type: 'string', default: '100' },
  format: { type: 'string', default: 'json' },
  'event-rate': { type: 'string', default: '100000' },
  commit: { type: 'string', default: '100' },
  results: { type: 'string', default: 'benchmarks/results' },
  'no-results': { type: 'boolean', default: false },
} as const

/** @throws Error for what is not an option, or not a value of it. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: definitions })
  const format = valueFormats.find((name) => name === values.format)
  if (format === undefined) throw new Error(`--format: ${valueFormats.join(' or ')}`)
  const workloads = values.workloads.split(',').map(workloadNamed)
  const reading = workloads.filter(({ readsJson }) => readsJson && format !== 'json')
  if (reading.length > 0) {
    throw new Error(`--format=${format}: ${reading.map(({ name }) => name).join(', ')} reads JSON`)
  }
  return {
    workloads,
    subjects: values.subjects.split(',').map(subjectNamed),
    baseline: values.baseline,
    shape: {
      records: count('records', values.records),
      keys: count('keys', values.keys),
      skew: values.skew === 'uniform' ? 'uniform' : positive('skew', values.skew),
      valueBytes: count('value-bytes', values['value-bytes']),
      format,
      eventRate: count('event-rate', values['event-rate']),
    },
    slowRecords: count('slow-records', values['slow-records']),
    rounds: count('rounds', values.rounds),
    partitions: count('partitions', values.partitions),
    commitMs: count('commit', values.commit),
    results: values['no-results'] ? undefined : values.results,
  }
}

function subjectNamed(name: string): NamedSubject {
  const spec = parseSubject(name)
  const { stores } = engineNamed(spec.engine)
  if (spec.store !== undefined && !stores.includes(spec.store)) {
    throw new Error(`${name}: ${spec.engine} has the stores ${stores.join(', ')}`)
  }
  return { ...spec, name }
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (number > 0) return number
  throw new Error(`--${option}=${text} is no number above 0`)
}

function count(option: string, text: string): number {
  const number = positive(option, text)
  if (Number.isInteger(number)) return number
  throw new Error(`--${option}=${text} is no whole number`)
}
