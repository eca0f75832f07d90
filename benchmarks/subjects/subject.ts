/** An engine under measurement: how it is prepared, and how it is started for a workload. */
import type { SubjectCommand } from '../harness/subject-process.ts'

/**
 * An engine with the choices that make it one row of a table: `kafka-streams+rocksdb+2+x2`,
 * `millrace+compression=lz4`.
 */
export interface SubjectSpec {
  readonly engine: string
  /** Undefined: the engine's first. */
  readonly store: string | undefined
  readonly threads: number
  /** Processes of one group, side by side. */
  readonly processes: number
  /** Settings of the engine beside those that it has here anyway. */
  readonly settings: Settings
}

export type Settings = Readonly<Record<string, string>>

export interface Engine {
  readonly name: string
  /** Its stores for keyed state, the default first; none where it keeps none. */
  readonly stores: readonly string[]
  /** Names of the workloads that it can run. */
  readonly workloads: readonly string[]
  /** True for an engine that gets only as many records as `--slow-records` says. */
  readonly isSlow?: boolean
  /** Compiles or installs what it needs, once a run. */
  prepare(setting: Setting): Promise<Prepared>
}

export interface Setting {
  readonly brokers: string
  /** A folder of its own for this run of the command. */
  readonly scratch: string
  readonly say: (text: string) => void
}

export interface Prepared {
  command(run: SubjectRun): SubjectCommand
}

export interface SubjectRun {
  readonly workload: string
  readonly brokers: string
  /** The group or application id, fresh for each run. */
  readonly application: string
  /** Topics by role. */
  readonly inputs: Readonly<Record<string, string>>
  readonly output: string
  readonly partitions: number
  readonly commitMs: number
  readonly threads: number
  /** Which of the processes of the group this is. */
  readonly part: { readonly index: number; readonly of: number }
  readonly store: string
  readonly settings: Settings
  /** Empty, and its own. */
  readonly stateDirectory: string
  /** Where its time for garbage is told. */
  readonly gcDirectory: string
}

/** Reads `engine[+store][+threads][+xprocesses][+name=value…]`. */
export function parseSubject(text: string): SubjectSpec {
  const [engine = '', ...choices] = text.split('+')
  const settings = choices.filter((choice) => choice.includes('=')).map(nameAndValue)
  const words = choices.filter((choice) => !choice.includes('='))
  const threads = words.find((word) => /^\d+$/.test(word))
  const processes = words.find((word) => /^x\d+$/.test(word))?.slice(1)
  return {
    engine,
    store: words.find((word) => !/^x?\d+$/.test(word)),
    threads: Number(threads ?? 1),
    processes: Number(processes ?? 1),
    settings: Object.fromEntries(settings),
  }
}

function nameAndValue(choice: string): readonly [string, string] {
  const at = choice.indexOf('=')
  return [choice.slice(0, at), choice.slice(at + 1)]
}
