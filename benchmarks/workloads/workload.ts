/** What the engines are asked to do, and what has to come out. */
import type { InputRecord, LoadShape } from '../load/events.ts'

export interface Workload {
  readonly name: string
  /** For the reader of a table. */
  readonly title: string
  /** Whether its values have to be JSON, because somebody reads them. */
  readonly readsJson: boolean
  /** The topics that it reads. */
  inputs(shape: LoadShape): readonly InputTopic[]
  /** An independent account of what the output has to hold. */
  expectation(shape: LoadShape, partitions: number): Expectation
}

export interface InputTopic {
  /** What the topic is to the workload: `events`, `table`. */
  readonly role: string
  /** False for what is read before the measurement is of interest: a table. */
  readonly counted: boolean
  /** What it is filled with, which names it: inputs of the same content are written once. */
  readonly content: string
  readonly size: number
  readonly records: () => Iterable<InputRecord>
}

export interface Expectation {
  /** Records that have to come out. */
  readonly records: number
  /** How many may; `records` unless said. */
  readonly recordsMax?: number
  /** Takes the records of the output, each partition in its order. */
  take(record: OutputRecord): void
  /** After the last record: what is wrong, undefined when nothing is. */
  verdict(): string | undefined
}

export interface OutputRecord {
  readonly partition: number
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestamp: number
}
