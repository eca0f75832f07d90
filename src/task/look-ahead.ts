import { murmur2 } from '../model/murmur2.ts'
import type { RecordBatch } from '../model/record.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'

/** Few enough that what they bring into the caches is still there when their turn comes. */
const recordsAhead = 32

/**
 * Hashes the keys of the records that come next and has the stores that they will be looked up in
 * read what the look-ups will read. A look-up in a large store waits for memory several times, each
 * time for what the last one brought; those of many records, one step of all before the next step,
 * wait together.
 */
export class LookAhead {
  readonly #stores: readonly EpochBuffer[]
  readonly #hashes = new Int32Array(recordsAhead)
  #batch: RecordBatch | undefined
  #from = 0
  #end = 0

  constructor(stores: readonly EpochBuffer[]) {
    this.#stores = stores
  }

  /** murmur2 of a record's key; anything for one without a key. */
  hashOf(batch: RecordBatch, index: number): number {
    if (batch !== this.#batch || index < this.#from || index >= this.#end) this.#look(batch, index)
    return this.#hashes[index - this.#from] ?? 0
  }

  #look(batch: RecordBatch, from: number): void {
    const count = Math.min(batch.count - from, recordsAhead)
    const { bytes, keyStarts, keyEnds } = batch
    for (let at = 0; at < count; at += 1) {
      const start = keyStarts[from + at] ?? -1
      this.#hashes[at] = start < 0 ? 0 : murmur2(bytes, start, keyEnds[from + at] ?? -1)
    }
    for (const store of this.#stores) store.warm(this.#hashes, count)
    this.#batch = batch
    this.#from = from
    this.#end = from + count
  }
}
