import { writeInt32, writeInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { sequenceBytes } from '../serde/sequenced.ts'
import { copyBytes } from './byte-slabs.ts'
import type { TimedStore } from './timed-store.ts'
import type { ValueColumn } from './value-column.ts'

/** Where the number is, behind the time. */
const numberAt = 8

/**
 * Records one by one, found by their key and a stretch of time: the store's keys are those of
 * `sequencedKeys`.
 */
export class SequencedStore<Column extends ValueColumn = ValueColumn> {
  readonly timed: TimedStore<Column>
  /** As long as the key that was taken, with time and number behind it. */
  #own = new Uint8Array(sequenceBytes)
  #from = new Uint8Array(sequenceBytes)
  #to = new Uint8Array(sequenceBytes)

  constructor(timed: TimedStore<Column>) {
    this.timed = timed
  }

  /** The key of the records that are asked for next. */
  takeKey(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start + sequenceBytes
    if (length !== this.#own.length) {
      this.#own = new Uint8Array(length)
      this.#from = new Uint8Array(length)
      this.#to = new Uint8Array(length)
    }
    copyBytes(bytes, start, end, this.#own, 0)
    copyBytes(bytes, start, end, this.#from, 0)
    copyBytes(bytes, start, end, this.#to, 0)
  }

  /**
   * The entries of the key that was taken with times from `from` to `to`, both included, in the
   * order of times and coming.
   */
  within(from: number, to: number): readonly number[] {
    if (to < 0 || to < from) return []
    const time = this.#own.length - sequenceBytes
    writeInt64(this.#from, time, Math.max(0, from))
    writeInt64(this.#to, time, to + 1)
    const { buffer } = this.timed
    const found = buffer.scan(this.#from, this.#to)
    // A longer key that begins like this one may be in between.
    const { length } = this.#own
    for (const entry of found) {
      if (buffer.keyEnd(entry) - buffer.keyStart(entry) === length) continue
      return found.filter((one) => buffer.keyEnd(one) - buffer.keyStart(one) === length)
    }
    return found
  }

  /** A new entry of the key that was taken, without a value, behind those of the same time. */
  add(time: number): number {
    const { buffer } = this.timed
    let entry = this.#entryAt(time, 0)
    if (buffer.column.read(entry) !== undefined) entry = this.#entryAt(time, this.#free(time))
    this.timed.list(entry, time)
    return entry
  }

  /** The lowest number that is not taken: those that are begin at 0, without a gap. */
  #free(time: number): number {
    let taken = 0
    let free = 1
    while (this.#has(time, free)) {
      taken = free
      free *= 2
    }
    while (free - taken > 1) {
      const middle = (free + taken) >>> 1
      if (this.#has(time, middle)) taken = middle
      else free = middle
    }
    return free
  }

  #has(time: number, number: number): boolean {
    const own = this.#keyAt(time, number)
    return this.timed.buffer.find(own, 0, own.length, murmur2(own, 0, own.length)) >= 0
  }

  #entryAt(time: number, number: number): number {
    const own = this.#keyAt(time, number)
    return this.timed.buffer.entryOf(own, 0, own.length, murmur2(own, 0, own.length))
  }

  #keyAt(time: number, number: number): Uint8Array {
    const own = this.#own
    const at = own.length - sequenceBytes
    writeInt64(own, at, time)
    writeInt32(own, at + numberAt, number)
    return own
  }
}
