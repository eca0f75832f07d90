import { noHeaders } from '../model/output.ts'
import type { Header, RecordBatch } from '../model/record.ts'

/**
 * Where the record in work came from: one record of one input, in its raw form. Reused for each
 * record.
 */
export class Origin {
  readonly topic: string
  readonly partition: number
  offset = -1
  batch: RecordBatch | undefined = undefined
  index = 0
  #headers: readonly Header[] | undefined = undefined

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  at(batch: RecordBatch, index: number): void {
    this.batch = batch
    this.index = index
    this.offset = batch.offsets[index] ?? -1
    this.#headers = undefined
  }

  /** Decoded when first asked for. */
  get headers(): readonly Header[] {
    if (this.#headers !== undefined) return this.#headers
    const { batch, index } = this
    const has = batch !== undefined && (batch.headerStarts[index] ?? -1) >= 0
    this.#headers = has ? batch.headers(index) : noHeaders
    return this.#headers
  }
}
