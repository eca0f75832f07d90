import type { Epoch } from '../model/ids.ts'
import { entryWords, markWord, timeWord } from './entry-table.ts'
import type { ValueColumn } from './value-column.ts'

/** The entry's number, and its time and payload as they were. */
const itemWords = 1 + entryWords - timeWord
/** Where a payload begins in an item, from its time on. */
const payloadInItem = 3

/** Keys that an epoch changed, in the order of their first change. */
export interface Changes {
  readonly count: number
  entry(item: number): number
  /** A copy of what the entry's value was before. @throws what the serde throws. */
  valueBefore(item: number, column: ValueColumn): unknown
}

/** An epoch that was cut and is not settled. */
export interface StagedEpoch {
  readonly epoch: Epoch
  readonly log: UndoLog
  /** Entries that the epoch left without a value. */
  readonly deleted: readonly number[]
}

/**
 * What the entries of a store were before an epoch changed them, in the order of their first
 * change. Committing forgets it; rolling back puts it back. So a commit costs nothing per key.
 */
export class UndoLog implements Changes {
  #words = new Int32Array(64 * itemWords)
  #count = 0
  /** For reading a double out of two words. */
  readonly #double = new Float64Array(1)
  readonly #doubleWords = new Int32Array(this.#double.buffer)

  /** Entries that the epoch changed. */
  get count(): number {
    return this.#count
  }

  entry(item: number): number {
    return this.#words[item * itemWords] ?? 0
  }

  /** The words of the log, for reading a payload at `payloadAt`. */
  get words(): Int32Array {
    return this.#words
  }

  payloadAt(item: number): number {
    return item * itemWords + payloadInItem
  }

  /** The entry's time as it was. */
  time(item: number): number {
    const at = item * itemWords
    this.#doubleWords[0] = this.#words[at + 1] ?? 0
    this.#doubleWords[1] = this.#words[at + 2] ?? 0
    return this.#double[0] ?? -1
  }

  /** True where the epoch leaves an entry, which was staged last, as it was. */
  leaves(
    item: number,
    time: number,
    column: { stagedIs(words: Int32Array, at: number): boolean },
  ): boolean {
    return time === this.time(item) && column.stagedIs(this.#words, this.payloadAt(item))
  }

  /** Notes an entry, which must not be in the log; answers the item. */
  add(entry: number, words: Int32Array): number {
    const item = this.#count
    const at = item * itemWords
    if (at === this.#words.length) this.#grow()
    const own = this.#words
    const from = entry * entryWords + timeWord
    own[at] = entry
    own[at + 1] = words[from] ?? 0
    own[at + 2] = words[from + 1] ?? 0
    own[at + 3] = words[from + 2] ?? 0
    own[at + 4] = words[from + 3] ?? 0
    this.#count = item + 1
    return item
  }

  /** Puts an entry's time and payload back; its mark is cleared. */
  restore(item: number, words: Int32Array): void {
    const at = item * itemWords
    const to = this.entry(item) * entryWords
    for (let word = 1; word < itemWords; word += 1) {
      words[to + timeWord - 1 + word] = this.#words[at + word] ?? 0
    }
    words[to + markWord] = 0
  }

  /** A copy of what the entry's value was. @throws what the serde throws. */
  valueBefore(item: number, column: ValueColumn): unknown {
    return column.decodePayload(this.#words, this.payloadAt(item))
  }

  /** The item of an entry, −1 for none: a scan, for queries. */
  find(entry: number): number {
    for (let item = 0; item < this.#count; item += 1) if (this.entry(item) === entry) return item
    return -1
  }

  /** Empties the log; its memory is kept. */
  clear(): void {
    this.#count = 0
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#words.length)
    larger.set(this.#words)
    this.#words = larger
  }
}
