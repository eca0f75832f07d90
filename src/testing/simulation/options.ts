/** What `simulate` takes and gives. */
import type { OptionsInput } from '../../config/settings.ts'
import type { Fault, FaultKind } from './fault-kinds.ts'

/** A record of the input, as the serdes of its topic write it. */
export interface SimulatedInput {
  readonly key?: unknown
  readonly value?: unknown
  /** Milliseconds since 1970. @default now, by the virtual clock */
  readonly timestamp?: number
}

/** Makes the next record of a topic. @param nowMs The virtual clock, milliseconds since 1970. */
export type InputGenerator = (random: () => number, nowMs: number) => SimulatedInput

/** A committed record, as the serdes of its topic read it. */
export interface SimulatedRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
}

export interface SimulateOptions {
  /** Everything that is drawn follows from it. @default 1 */
  readonly seed?: number
  /** What may go wrong; each run draws which of these do. @default all of `faultKinds` */
  readonly faults?: readonly FaultKind[]
  /** Virtual minutes in which things go wrong. @default 0.3 */
  readonly minutes?: number
  /** What is written to each topic that the topology reads. */
  readonly inputs: Readonly<Record<string, InputGenerator>>
  /** Records of input, about. @default 150 a minute and topic… at most 400 in all */
  readonly records?: number
  /** @default drawn, 2 or 3 */
  readonly workers?: number
  /** Of the topics that the topology reads and writes. @default drawn, 1 to 3 */
  readonly partitions?: number
  /** Options of `start()`; what is left out is drawn. */
  readonly options?: OptionsInput
  /**
   * Functions of the topology look at the machine's clock, or have it call them: what stores hold
   * does not follow from the input alone, and is not compared with that. @default false
   */
  readonly usesWallClock?: boolean
  /** Numbers of faults that do not happen: to find out which of them matter. */
  readonly without?: readonly number[]
  /** Looks at what came of it. @throws Error when that is wrong: the run has failed then */
  readonly verify?: (result: SimulationResult) => void
}

export interface SimulationResult {
  readonly seed: number
  /** Hash over every event; equal for equal runs. */
  readonly trace: string
  /** Virtual time that has passed. */
  readonly virtualMs: number
  readonly events: number
  readonly faults: readonly Fault[]
  /** Of the topics that the topology reads and writes. */
  readonly partitions: number
  /** Committed records of the topics that the topology reads, repartition topics aside. */
  readonly inputs: Readonly<Record<string, readonly SimulatedRecord[]>>
  /** Committed records of the topics that the topology writes. */
  readonly outputs: Readonly<Record<string, readonly SimulatedRecord[]>>
}
