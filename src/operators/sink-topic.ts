import type { Output, OutputPartition } from '../model/output.ts'

/** A topic that a sink writes: its partitions, and whose turn it is among them. */
export class SinkTopic {
  readonly name: string
  readonly partitions: number
  readonly #output: Output
  readonly #handles: (OutputPartition | undefined)[]
  #turn = 0

  constructor(name: string, output: Output) {
    this.name = name
    this.partitions = output.partitionsOf(name)
    this.#output = output
    this.#handles = Array.from({ length: this.partitions }, () => undefined)
  }

  /** Opened when first written to: a topic's partitions may be many. */
  at(partition: number): OutputPartition {
    const known = this.#handles[partition]
    if (known !== undefined) return known
    const opened = this.#output.open(this.name, partition)
    this.#handles[partition] = opened
    return opened
  }

  has(partition: number): boolean {
    return Number.isInteger(partition) && partition >= 0 && partition < this.partitions
  }

  /** For records without a key. */
  roundRobin(): number {
    this.#turn = (this.#turn + 1) % this.partitions
    return this.#turn
  }
}
