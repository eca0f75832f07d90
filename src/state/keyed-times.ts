import { writeInt64 } from '../model/int64.ts'
import { copyBytes } from './byte-slabs.ts'
import type { TimedStore } from './timed-store.ts'
import type { ValueColumn } from './value-column.ts'

/** Bytes of a time. */
const timeBytes = 8

/**
 * The entries of a key by their time, of a store whose keys are the key's bytes, a time, and maybe
 * more behind it.
 */
export class KeyedTimes<Column extends ValueColumn = ValueColumn> {
  readonly timed: TimedStore<Column>
  readonly #suffixBytes: number
  /** As long as the key that was taken, with time and more behind it. */
  own: Uint8Array
  /** The time in `own`. */
  #time = 0
  #from: Uint8Array
  #to: Uint8Array

  /** @param moreBytes Behind the time. */
  constructor(timed: TimedStore<Column>, moreBytes: number) {
    this.timed = timed
    this.#suffixBytes = timeBytes + moreBytes
    this.own = new Uint8Array(this.#suffixBytes)
    this.#from = new Uint8Array(this.#suffixBytes)
    this.#to = new Uint8Array(this.#suffixBytes)
  }

  /** The key of the entries that are asked for next. */
  takeKey(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start + this.#suffixBytes
    if (length !== this.own.length) {
      this.own = new Uint8Array(length)
      this.#from = new Uint8Array(length)
      this.#to = new Uint8Array(length)
    }
    copyBytes(bytes, start, end, this.own, 0)
    copyBytes(bytes, start, end, this.#from, 0)
    copyBytes(bytes, start, end, this.#to, 0)
  }

  /**
   * The entries of the key that was taken with times from `from` to `to`, both included, in the
   * order of their keys' bytes.
   */
  within(from: number, to: number): readonly number[] {
    if (to < 0 || to < from) return []
    const at = this.own.length - this.#suffixBytes
    writeInt64(this.#from, at, Math.max(0, from))
    writeInt64(this.#to, at, to + 1)
    const { buffer } = this.timed
    const found = this.timed.scan(this.#from, this.#to, Math.max(0, from), to)
    // A longer key that begins like this one may be in between.
    const { length } = this.own
    for (const entry of found) {
      if (buffer.keyEnd(entry) - buffer.keyStart(entry) === length) continue
      return found.filter((one) => buffer.keyEnd(one) - buffer.keyStart(one) === length)
    }
    return found
  }

  /** Puts a time behind the key that was taken: where it begins is the answer. */
  putTime(time: number): number {
    const at = this.own.length - this.#suffixBytes
    writeInt64(this.own, at, time)
    this.#time = time
    return at
  }

  /** The entry of `own`, with or without a value. */
  entry(): number {
    return this.timed.entryOf(this.own, this.#time)
  }

  /** True where `own` has a value. */
  has(): boolean {
    return this.timed.find(this.own, this.#time) >= 0
  }
}
