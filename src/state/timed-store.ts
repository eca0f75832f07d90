import type { Epoch } from '../model/ids.ts'
import { readInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { noTime } from '../time/watermark-record.ts'
import { compareBytes } from './byte-slabs.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { ExpiringStore } from './expiring-store.ts'
import { OpenSlices } from './open-slices.ts'
import type { ScanOptions } from './ordered-entries.ts'
import { ruleOfTimes } from './slices.ts'
import type { StoredTimes } from './spec.ts'
import { TimeSlice } from './time-slice.ts'
import type { ValueColumn } from './value-column.ts'

/**
 * A store whose keys have a time, each entry closing on its own when the watermark reaches its time
 * plus what the store keeps. The values are in an epoch buffer as those of any store; this lists
 * the entries in slices of time, tells those that close in the order of their times, and lets a
 * slice go when all of it has closed and that has committed.
 */
export class TimedStore<Column extends ValueColumn = ValueColumn> implements ExpiringStore {
  readonly buffer: EpochBuffer<Column>
  readonly #times: StoredTimes
  #watermark = noTime
  readonly #open: OpenSlices<TimeSlice>
  /** Entries up to this time have been told. */
  #toldUntil = noTime
  /** Of the open slices, the first one that may have entries to tell. */
  #telling = 0
  /** Entries of one time that have closed, and how many of them were told. */
  readonly #due: number[] = []
  #dueAt = 0
  /** The open epoch told of entries that closed: it has to commit how far it came. */
  #told = false

  constructor(buffer: EpochBuffer<Column>, times: StoredTimes) {
    this.buffer = buffer
    this.#times = times
    this.#open = new OpenSlices<TimeSlice>(buffer, ruleOfTimes(times), {
      create: (startMs, number, from) => new TimeSlice(startMs, number, from),
      list: (slice, entry) => this.#listRead(slice, entry, this.timeOf(entry)),
    })
  }

  get closing(): boolean {
    return this.#told || this.#open.closing
  }

  get changelogFrom(): number {
    return this.#open.changelogFrom
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
    this.#list(this.#open.at(time), entry, time, this.isClosed(time))
  }

  /** The entry of a key whose time this is; see `EpochBuffer.entryOf`. */
  entryOf(key: Uint8Array, time: number): number {
    const hash = murmur2(key, 0, key.length)
    const partial = this.#open.partial(time)
    const entry = this.buffer.entryOf(key, 0, key.length, hash, partial === undefined)
    if (partial !== undefined) this.#listRead(partial, entry, time)
    return entry
  }

  /** As `entryOf`, but −1 for a key without a value: nothing is added for it. */
  find(key: Uint8Array, time: number): number {
    const hash = murmur2(key, 0, key.length)
    const partial = this.#open.partial(time)
    const entry = this.buffer.find(key, 0, key.length, hash, partial === undefined)
    if (partial !== undefined && entry >= 0) this.#listRead(partial, entry, time)
    return entry
  }

  /** As `EpochBuffer.scan`, of a range whose keys have times between these two, both included. */
  scan(
    from: Uint8Array,
    to: Uint8Array,
    firstTime: number,
    lastTime: number,
    options?: ScanOptions,
  ): readonly number[] {
    this.#open.loadRange(firstTime, lastTime, from, to)
    return this.buffer.scan(from, to, options)
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
    while (due.length === 0) {
      const slice = this.#open.all[this.#telling]
      if (slice === undefined || slice.startMs > openAfter) break
      this.#open.load(slice)
      const time = slice.time(slice.cursor)
      if (time > openAfter) {
        if (this.#open.endOf(slice) > openAfter) break
        this.#telling += 1
        continue
      }
      for (; slice.time(slice.cursor) === time; slice.cursor += 1) {
        const entry = slice.entry(slice.cursor)
        if (this.#belongs(slice, entry, time) && this.buffer.loads(entry)) due.push(entry)
      }
      this.#toldUntil = time
    }
    if (due.length === 0) this.#toldUntil = openAfter
    if (due.length > 1) due.sort((a, b) => compareBytes(this.#key(a), this.#key(b)))
  }

  #key(entry: number): Uint8Array {
    const { buffer } = this
    return buffer.keyBytes(entry).subarray(buffer.keyStart(entry), buffer.keyEnd(entry))
  }

  /** The entry with a value that closes next, −1 for none; the first listed of one time. */
  earliest(): number {
    for (const slice of this.#open.all) {
      this.#open.load(slice)
      for (let at = slice.cursor; at < slice.count; at += 1) {
        const entry = slice.entry(at)
        if (this.#belongs(slice, entry, slice.time(at)) && this.buffer.loads(entry)) return entry
      }
    }
    return -1
  }

  /** Entries with a value that have not closed. */
  countOpen(): number {
    let count = 0
    for (const slice of this.#open.all) {
      if (this.isClosed(this.#open.endOf(slice))) continue
      count += this.#open.countBelow(slice, (time) => !this.isClosed(time))
      for (let at = slice.cursor; at < slice.count; at += 1) {
        const entry = slice.entry(at)
        if (this.#belongs(slice, entry, slice.time(at)) && this.buffer.loads(entry)) count += 1
      }
    }
    return count
  }

  /** After what has closed was told: slices that are over go with the open epoch. */
  release(): void {
    while (this.#isOver(this.#open.all[0])) this.#open.close()
  }

  cut(epoch: Epoch): void {
    this.#told = false
    this.#open.cut(epoch)
  }

  committed(epoch: Epoch): void {
    this.#open.committed(epoch)
  }

  rollback(): void {
    this.#open.rollback()
    // What dropped epochs added comes again, in its order.
    for (const slice of this.#open.all) this.#settle(slice)
    this.#told = false
    this.#watermark = noTime
  }

  clear(): void {
    this.#open.clear()
  }

  restart(watermark: number): void {
    this.#watermark = watermark
    this.#toldUntil = this.openAfter
    while (this.#isOver(this.#open.all[0])) this.#open.expire()
    for (const slice of this.#open.all) slice.tellFrom(this.#toldUntil)
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
    const ownTime = readInt64(bytes, keyEnd - this.#times.bytesBehind)
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
    return this.#open.timeOf(entry)
  }

  /** Lists an entry that may have come from the backend. */
  #listRead(slice: TimeSlice, entry: number, time: number): void {
    this.#list(slice, entry, time, time <= this.#toldUntil)
  }

  #list(slice: TimeSlice, entry: number, time: number, told: boolean): void {
    // What was evicted and read again is listed twice: lists grow by what is there.
    if (slice.full && !slice.whole) this.#settle(slice)
    slice.add(entry, time, this.#open.own(entry, slice), told)
  }

  #settle(slice: TimeSlice): void {
    slice.settle((entry, time) => this.#belongs(slice, entry, time))
    slice.tellFrom(this.#toldUntil)
  }

  /** False for an entry number that no key has, or one of another time, or listed again since. */
  #belongs(slice: TimeSlice, entry: number, time: number): boolean {
    if (this.#open.owners[entry] !== slice.number) return false
    return this.#open.holds(entry) && this.timeOf(entry) === time
  }

  #isOver(slice: TimeSlice | undefined): boolean {
    return slice !== undefined && this.#open.endOf(slice) <= this.#goneUntil
  }

  /** Entries up to this time are needed no more. */
  get #goneUntil(): number {
    return this.openAfter - (this.#times.lingersMs ?? 0)
  }
}
