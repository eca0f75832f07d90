/** What a run of the command leaves behind, as data. */
import type { LoadShape } from '../load/events.ts'
import type { Machine } from './machine.ts'
import type { Measured } from './measure.ts'

export interface Run extends Partial<Measured> {
  readonly workload: string
  readonly subject: string
  /** Counts from 1; subjects of one round ran one after the other. */
  readonly round: number
  readonly records: number
  /** Time spent collecting garbage of the whole time: pauses of Java, threads of Node. */
  readonly gcShare?: number
  /** Why it was not measured, or what is wrong with its output. */
  readonly problem?: string
}

export interface Results {
  readonly startedAt: string
  readonly machine: Machine
  readonly kafka: string
  readonly commitMs: number
  readonly partitions: number
  readonly shape: LoadShape
  readonly baseline: string
  readonly titles: Readonly<Record<string, string>>
  readonly runs: readonly Run[]
}
