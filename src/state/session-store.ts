import { readInt64, writeInt64 } from '../model/int64.ts'
import { sessionBytes } from '../serde/session.ts'
import { copyBytes } from './byte-slabs.ts'
import type { ScanOptions } from './ordered-entries.ts'
import type { TimedStore } from './timed-store.ts'
import type { ValueColumn } from './value-column.ts'

/** Where the start is, behind the end. */
const startAt = 8
/**
 * Sessions of a key are more than a gap apart: of those that end from a gap before a time on, the
 * third begins more than a gap after it.
 */
const nearMax = 2

/** The sessions of each key, found by time: the store's keys are those of `sessionKeys`. */
export class SessionStore<Column extends ValueColumn = ValueColumn> {
  readonly timed: TimedStore<Column>
  /** As long as the key that was taken, with end and start behind it. */
  #own = new Uint8Array(sessionBytes)
  #from = new Uint8Array(sessionBytes)
  #to = new Uint8Array(sessionBytes)

  constructor(timed: TimedStore<Column>) {
    this.timed = timed
  }

  /** The key of the sessions that are asked for next. */
  takeKey(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start + sessionBytes
    if (length !== this.#own.length) {
      this.#own = new Uint8Array(length)
      this.#from = new Uint8Array(length)
      this.#to = new Uint8Array(length)
    }
    copyBytes(bytes, start, end, this.#own, 0)
    copyBytes(bytes, start, end, this.#from, 0)
    copyBytes(bytes, start, end, this.#to, 0)
    this.#to.fill(255, end - start)
  }

  /** The open sessions of the key that are at most a gap from a time, the earliest first. */
  near(time: number, gapMs: number): readonly number[] {
    const from = Math.max(time - gapMs, this.timed.openAfter + 1, 0)
    writeInt64(this.#from, this.#own.length - sessionBytes, from)
    let found = this.#scan(from, { limit: nearMax })
    if (found.some((entry) => !this.#isOwn(entry))) {
      // A longer key that begins like this one is in between.
      found = this.#scan(from).filter((entry) => this.#isOwn(entry))
    }
    return found.filter((entry, at) => at < nearMax && this.startOf(entry) <= time + gapMs)
  }

  /** The entry of a session of the key that was taken, with or without a value. */
  entryAt(startMs: number, endMs: number): number {
    const own = this.#own
    const at = own.length - sessionBytes
    writeInt64(own, at, endMs)
    writeInt64(own, at + startAt, startMs)
    return this.timed.entryOf(own, endMs)
  }

  startOf(entry: number): number {
    const { buffer } = this.timed
    return readInt64(buffer.keyBytes(entry), buffer.keyEnd(entry) - sessionBytes + startAt)
  }

  endOf(entry: number): number {
    return this.timed.timeOf(entry)
  }

  #scan(from: number, options?: ScanOptions): readonly number[] {
    return this.timed.scan(this.#from, this.#to, from, Number.MAX_SAFE_INTEGER, options)
  }

  #isOwn(entry: number): boolean {
    const { buffer } = this.timed
    return buffer.keyEnd(entry) - buffer.keyStart(entry) === this.#own.length
  }
}
