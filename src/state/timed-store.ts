import type { Epoch } from '../model/ids.ts'
import { readInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { noTime } from '../time/watermark-record.ts'
import { compareBytes } from './byte-slabs.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { ExpiringStore } from './expiring-store.ts'
import { Releases } from './releases.ts'
import type { StoredTimes } from './spec.ts'
import { TimeSlice } from './time-slice.ts'
import type { ValueColumn } from './value-column.ts'

/** Slices that are open at least, of a store whose records come in order. */
const slicesKept = 16

/**
 * A store whose keys have a time, each entry closing on its own when the watermark reaches its time
 * plus what the store keeps. The values are in an epoch buffer as those of any store; this lists
 * the entries in slices of time, tells those that close in the order of their times, and lets a
 * slice go when all of it has closed and that has committed.
 */
export class TimedStore<Column extends ValueColumn = ValueColumn> implements ExpiringStore {
  readonly buffer: EpochBuffer<Column>
  readonly #times: StoredTimes
  readonly #sliceMs: number
  #watermark = noTime
  /** Ascending by start. */
  #open: TimeSlice[] = []
  readonly #releases = new Releases<TimeSlice>((entry, slice) => this.#let(entry, slice))
  /** Number of the slice that lists an entry, by entry. */
  #owners = new Int32Array(64)
  #slices = 0
  /** Of `#open`, the first slice that may have entries to tell. */
  #telling = 0
  /** Entries of one time that have closed, and how many of them were told. */
  readonly #due: number[] = []
  #dueAt = 0
  /** The open epoch told of entries that closed: it has to commit how far it came. */
  #told = false
  /** What `adopt` takes was written nobody knows when. */
  #adopting = false

  constructor(buffer: EpochBuffer<Column>, times: StoredTimes) {
    this.buffer = buffer
    this.#times = times
    this.#sliceMs = Math.max(1, Math.ceil(times.keptMs / slicesKept))
  }

  get closing(): boolean {
    return this.#told || this.#releases.closing
  }

  get changelogFrom(): number {
    let from = this.#releases.changelogFrom(this.buffer.nextOffset ?? 0)
    for (const slice of this.#open) from = Math.min(from, slice.changelogFrom)
    return from
  }

  get watermark(): number {
    return this.#watermark
  }

  /** True where an entry of this time is, or would be, closed. */
  isClosed(time: number): boolean {
    return time <= this.openAfter
  }

  /** Entries up to this time have closed. */
  get openAfter(): number {
    return this.#watermark - this.#times.keptMs
  }

  /** Lists an entry that was added, or that got a value again. */
  list(entry: number, time: number): void {
    if (entry >= this.#owners.length) {
      const larger = new Int32Array(Math.max(2 * this.#owners.length, entry + 1))
      larger.set(this.#owners)
      this.#owners = larger
    }
    const slice = this.#sliceAt(time)
    slice.add(entry, time, this.#owners[entry] !== 0, this.isClosed(time))
    this.#owners[entry] = slice.number
  }

  /** The watermark reached a time: entries close, for `next` to tell. */
  advance(watermark: number): void {
    this.#watermark = watermark
    this.#telling = 0
  }

  /**
   * The next entry with a value that has closed; −1 for no more. In the order of their times, and
   * of their keys' bytes where those are the same, so that a restart does not change it.
   */
  next(): number {
    if (this.#dueAt === this.#due.length) this.#takeDue()
    const entry = this.#due[this.#dueAt] ?? -1
    if (entry < 0) return -1
    this.#dueAt += 1
    this.#told = true
    return entry
  }

  /** The entries of the next time that has closed. */
  #takeDue(): void {
    const { openAfter } = this
    const due = this.#due
    due.length = 0
    this.#dueAt = 0
    for (; due.length === 0 && this.#telling < this.#open.length; ) {
      const slice = this.#open[this.#telling]
      const time = slice?.time(slice.cursor) ?? Number.POSITIVE_INFINITY
      if (slice === undefined || (time > openAfter && this.#endOf(slice) > openAfter)) return
      if (time > openAfter) {
        this.#telling += 1
        continue
      }
      for (; slice.time(slice.cursor) === time; slice.cursor += 1) {
        const entry = slice.entry(slice.cursor)
        const has =
          this.#belongs(slice, entry, time) && this.buffer.column.read(entry) !== undefined
        if (has) due.push(entry)
      }
    }
    if (due.length > 1) due.sort((a, b) => compareBytes(this.#key(a), this.#key(b)))
  }

  #key(entry: number): Uint8Array {
    const { buffer } = this
    return buffer.keyBytes(entry).subarray(buffer.keyStart(entry), buffer.keyEnd(entry))
  }

  /** The entry with a value that closes next, −1 for none; the first listed of one time. */
  earliest(): number {
    for (const slice of this.#open) {
      for (let at = slice.cursor; at < slice.count; at += 1) {
        const entry = slice.entry(at)
        const belongs = this.#belongs(slice, entry, slice.time(at))
        if (belongs && this.buffer.column.read(entry) !== undefined) return entry
      }
    }
    return -1
  }

  /** After what has closed was told: slices that are over go with the open epoch. */
  release(): void {
    while (this.#open[0] !== undefined && this.#isOver(this.#open[0])) {
      const over = this.#open.shift()
      if (over !== undefined) this.#releases.close(over)
    }
  }

  cut(epoch: Epoch): void {
    this.#told = false
    this.#releases.cut(epoch)
  }

  committed(epoch: Epoch): void {
    this.#releases.committed(epoch)
  }

  rollback(): void {
    const reopened = this.#releases.rollback()
    this.#open = [...reopened, ...this.#open].toSorted((a, b) => a.startMs - b.startMs)
    // What dropped epochs added comes again, in its order.
    for (const slice of this.#open) {
      slice.settle((entry, time) => this.#belongs(slice, entry, time))
    }
    this.#told = false
    this.#watermark = noTime
  }

  restart(watermark: number): void {
    this.#watermark = watermark
    while (this.#open[0] !== undefined && this.#isOver(this.#open[0])) {
      const over = this.#open.shift()
      if (over !== undefined) this.#releases.expire(over)
    }
    for (const slice of this.#open) slice.tellFrom(this.openAfter)
  }

  adopt(keys: Iterable<Uint8Array>): void {
    this.#adopting = true
    for (const key of keys) {
      const { buffer } = this
      const entry = buffer.entryOf(key, 0, key.length, murmur2(key, 0, key.length))
      this.list(entry, this.#timeIn(key, key.length))
    }
    this.#adopting = false
  }

  restore(
    time: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    hash: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    if (keyEnd - keyStart < this.#times.bytesBehind) return
    const ownTime = this.#timeIn(bytes, keyEnd)
    if (ownTime <= this.#goneUntil) return
    const { buffer } = this
    const entry = buffer.restore(time, bytes, keyStart, keyEnd, hash, valueStart, valueEnd)
    if (entry >= 0) this.list(entry, ownTime)
  }

  restored(nextOffset: number): void {
    this.buffer.restored(nextOffset)
  }

  /** The time in an entry's key. */
  timeOf(entry: number): number {
    return this.#timeIn(this.buffer.keyBytes(entry), this.buffer.keyEnd(entry))
  }

  #timeIn(bytes: Uint8Array, keyEnd: number): number {
    return readInt64(bytes, keyEnd - this.#times.bytesBehind)
  }

  /** False for an entry number that no key has, or one of another time, or listed again since. */
  #belongs(slice: TimeSlice, entry: number, time: number): boolean {
    if (this.#owners[entry] !== slice.number) return false
    const { buffer } = this
    return buffer.keyEnd(entry) >= buffer.keyStart(entry) && this.timeOf(entry) === time
  }

  #isOver(slice: TimeSlice): boolean {
    return this.#endOf(slice) <= this.#goneUntil
  }

  /** The last time of a slice. */
  #endOf(slice: TimeSlice): number {
    return slice.startMs + this.#sliceMs - 1
  }

  /** Entries up to this time are needed no more. */
  get #goneUntil(): number {
    return this.openAfter - (this.#times.lingersMs ?? 0)
  }

  /** Slices begin at multiples of their length. */
  #sliceAt(time: number): TimeSlice {
    const startMs = Math.floor(time / this.#sliceMs) * this.#sliceMs
    let low = 0
    let high = this.#open.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#open[middle]?.startMs ?? 0) < startMs) low = middle + 1
      else high = middle
    }
    const found = this.#open[low]
    if (found?.startMs === startMs) return found
    this.#slices += 1
    const from = this.#adopting ? 0 : (this.buffer.nextOffset ?? 0)
    const slice = new TimeSlice(startMs, this.#slices, from)
    this.#open.splice(low, 0, slice)
    return slice
  }

  #let(entry: number, slice: TimeSlice): void {
    const { buffer } = this
    if (this.#owners[entry] !== slice.number) return
    if (buffer.keyEnd(entry) < buffer.keyStart(entry)) return
    this.#owners[entry] = 0
    buffer.expire(entry)
  }
}
