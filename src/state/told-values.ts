import { entryWords, markWord } from './entry-table.ts'
import type { EpochBuffer } from './epoch-buffer.ts'

/**
 * A store as it was before its open epoch: what one that tells its changes at the end of an epoch
 * has told of them.
 */
export class ToldValues {
  /** Of the value that was read last: time of its last change. */
  time = -1
  readonly #store: EpochBuffer

  constructor(store: EpochBuffer) {
    this.#store = store
  }

  /**
   * The value of a key, undefined for none; to be read only.
   * @param hash murmur2 of the key's bytes.
   */
  read(bytes: Uint8Array, start: number, end: number, hash: number): unknown {
    const store = this.#store
    const live = store.find(bytes, start, end, hash)
    // Without a live value it may have had one.
    const entry = live >= 0 ? live : store.table.find(bytes, start, end, hash)
    if (entry < 0) return undefined
    const item = (store.table.words[entry * entryWords + markWord] ?? 0) - 1
    if (item >= 0) {
      this.time = store.open.time(item)
      return store.open.valueBefore(item, store.column)
    }
    this.time = store.timeOf(entry)
    return live < 0 ? undefined : store.column.read(entry)
  }
}
