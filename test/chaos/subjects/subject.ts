import type { TopicMessages } from 'kafkajs'
import type { Batches } from '../steady-writer.ts'

/** An application that everything happens to, its load, and what has to come of that. */
export interface ChaosSubject {
  /** Its consumer group. */
  readonly application: string
  /** File of the topology, from the checkout. */
  readonly topology: string
  readonly topics: readonly { readonly topic: string; readonly numPartitions: number }[]
  /** All that it has to work off. */
  readonly worked: readonly string[]
  readonly recordsPerSecond: number
  readonly load: (seed: number) => Batches
  /** Written when all else has been. @default nothing */
  readonly last?: () => readonly TopicMessages[]
  readonly verify: (brokers: string) => Promise<ChaosVerdict>
}

export interface ChaosVerdict {
  /** One line each. */
  readonly problems: readonly string[]
  readonly compared: Readonly<Record<string, number>>
}
