import { writeInt32 } from '../model/int64.ts'
import { KeyedTimes } from './keyed-times.ts'
import type { TimedStore } from './timed-store.ts'
import type { ValueColumn } from './value-column.ts'

/** Bytes of the number behind the time. */
const numberBytes = 4
const timeBytes = 8

/**
 * Records one by one, found by their key and a stretch of time: the store's keys are those of
 * `sequencedKeys`.
 */
export class SequencedStore<Column extends ValueColumn = ValueColumn> {
  readonly timed: TimedStore<Column>
  readonly #keys: KeyedTimes<Column>

  constructor(timed: TimedStore<Column>) {
    this.timed = timed
    this.#keys = new KeyedTimes(timed, numberBytes)
  }

  /** The key of the records that are asked for next. */
  takeKey(bytes: Uint8Array, start: number, end: number): void {
    this.#keys.takeKey(bytes, start, end)
  }

  /**
   * The entries of the key that was taken with times from `from` to `to`, both included, in the
   * order of times and coming.
   */
  within(from: number, to: number): readonly number[] {
    return this.#keys.within(from, to)
  }

  /** A new entry of the key that was taken, without a value, behind those of the same time. */
  add(time: number): number {
    this.#put(time, 0)
    let entry = this.#keys.entry()
    if (this.timed.buffer.column.read(entry) !== undefined) {
      this.#put(time, this.#free(time))
      entry = this.#keys.entry()
    }
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
    this.#put(time, number)
    return this.#keys.has()
  }

  #put(time: number, number: number): void {
    const at = this.#keys.putTime(time)
    writeInt32(this.#keys.own, at + timeBytes, number)
  }
}
