import { entryWords, markWord } from './entry-table.ts'
import type { EpochBuffer } from './epoch-buffer.ts'

/** Marks as the epoch buffer has them. */
const clean = 0
const asleep = -1
/** Bytes of an entry besides its key and its value: its words, its places in index and columns. */
const entryBytes = 48

/** Memory that the entries of a store use, about: live values are as large again as their bytes. */
export function cachedBytes({ table, column }: EpochBuffer): number {
  return table.size * entryBytes + table.usedBytes + 2 * column.usedBytes
}

/**
 * Lets entries go that the store's backend has too, as a clock does: what was read since the hand
 * came by the last time is put to sleep (its live value goes, its bytes stay), what is still asleep
 * goes. Reading costs nothing for it: a sleeping value is woken as one that was just loaded.
 */
export class ClockHand {
  #at = 0

  /**
   * Only where nobody holds an entry: after `committed`, or while the store restores.
   * @param wanted Entries to let go, at most.
   * @param stepsMax Entries to look at, at most. Default: all of them twice.
   */
  turn(buffer: EpochBuffer, wanted: number, stepsMax = Number.POSITIVE_INFINITY): void {
    const { table, column, unflushed } = buffer
    let left = wanted
    const most = Math.min(2 * table.entriesEnd, stepsMax)
    for (let steps = most; left > 0 && steps > 0; steps -= 1) {
      if (this.#at >= table.entriesEnd) this.#at = 0
      const entry = this.#at
      this.#at += 1
      const at = entry * entryWords + markWord
      const mark = table.words[at] ?? clean
      if (table.keyLength(entry) < 0 || mark > clean || unflushed.has(entry)) continue
      if (mark === clean) {
        column.doze(entry)
        table.words[at] = asleep
        continue
      }
      buffer.evict(entry)
      left -= 1
    }
  }
}
