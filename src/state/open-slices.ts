import type { Epoch } from '../model/ids.ts'
import { readInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import type { KeyRange } from './backend.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import { Releases, type Segment } from './releases.ts'
import { sliceOf, type SliceRule } from './slices.ts'

/** One slice: its entries in memory are listed by who made it. */
export interface Slice extends Segment {
  /** Memory has all of its entries. False: some may be in the backend only. */
  whole: boolean
}

/** What an owner of slices does for them. */
export interface SliceOwner<Of extends Slice> {
  create(startMs: number, number: number, changelogFrom: number): Of
  /** Lists an entry that was read from the backend. */
  list(slice: Of, entry: number): void
}

/**
 * The slices of a store that are open, and those on their way out. What of a slice is only in the
 * backend is read when somebody asks for it; a slice that was never evicted from, nor found there
 * at the start, is whole in memory, and nobody has to look below for it.
 */
export class OpenSlices<Of extends Slice> {
  readonly #buffer: EpochBuffer
  readonly #rule: SliceRule
  readonly #sliceMs: number
  readonly #owner: SliceOwner<Of>
  readonly #releases = new Releases<Of>((entry, slice) => this.#let(entry, slice))
  /** Number of the slice that lists an entry, by entry. */
  owners = new Int32Array(64)
  /** Ascending by start; the last one is nearly always the one asked for. */
  #open: Of[] = []
  #last: Of | undefined
  #made = 0

  constructor(buffer: EpochBuffer, rule: SliceRule, owner: SliceOwner<Of>) {
    this.#buffer = buffer
    this.#rule = rule
    this.#sliceMs = rule.sliceMs
    this.#owner = owner
    this.#discover()
    buffer.onEvicted = (entry) => {
      const slice = this.#find(sliceOf(this.timeOf(entry), rule))
      if (slice !== undefined) slice.whole = false
    }
  }

  get all(): readonly Of[] {
    return this.#open
  }

  /** Slices closed in the open epoch. */
  get closing(): boolean {
    return this.#releases.closing
  }

  /** What the changelog has before this offset is of slices that have closed and committed. */
  get changelogFrom(): number {
    let from = this.#releases.changelogFrom(this.#buffer.nextOffset ?? 0)
    for (const slice of this.#open) from = Math.min(from, slice.changelogFrom)
    return from
  }

  /** The last time of a slice. */
  endOf(slice: Of): number {
    return slice.startMs + this.#sliceMs - 1
  }

  /** The time in an entry's key. */
  timeOf(entry: number): number {
    return this.#timeIn(this.#buffer.keyBytes(entry), this.#buffer.keyEnd(entry))
  }

  /** False for an entry number that no key has. */
  holds(entry: number): boolean {
    return this.#buffer.keyEnd(entry) >= this.#buffer.keyStart(entry)
  }

  /** The slice that a time is in; added where it is not open yet. */
  at(timeMs: number): Of {
    const last = this.#last
    if (last !== undefined && timeMs >= last.startMs && timeMs < last.startMs + this.#sliceMs) {
      return last
    }
    const startMs = sliceOf(timeMs, this.#rule)
    const slice = this.#find(startMs) ?? this.#add(startMs, this.#buffer.nextOffset ?? 0)
    this.#last = slice
    return slice
  }

  /** The slice of a time, where memory may not have all of it. */
  partial(timeMs: number): Of | undefined {
    if (this.#buffer.below === undefined) return undefined
    const slice = this.#find(sliceOf(timeMs, this.#rule))
    return slice?.whole === false ? slice : undefined
  }

  /** A slice lists an entry; true where one had listed that number before. */
  own(entry: number, slice: Of): boolean {
    if (entry >= this.owners.length) {
      const larger = new Int32Array(Math.max(2 * this.owners.length, entry + 1))
      larger.set(this.owners)
      this.owners = larger
    }
    const known = this.owners[entry] !== 0
    this.owners[entry] = slice.number
    return known
  }

  /** Reads what only the backend has of a slice. */
  load(slice: Of): void {
    if (slice.whole) return
    this.#take(slice, {})
    slice.whole = true
  }

  /** As `load`, of a range of keys with times between these two, both included. */
  loadRange(firstTime: number, lastTime: number, from: Uint8Array, to: Uint8Array): void {
    if (this.#buffer.below === undefined) return
    let at = this.#placeFor(sliceOf(firstTime, this.#rule))
    for (let slice = this.#open[at]; slice !== undefined; slice = this.#open[at]) {
      if (slice.startMs > lastTime) return
      if (!slice.whole) this.#take(slice, { from, to })
      at += 1
    }
  }

  /** How many entries with times as wanted of a slice are in the backend only. */
  countBelow(slice: Of, wants: (time: number) => boolean): number {
    const { below, table } = this.#buffer
    if (slice.whole || below === undefined) return 0
    let count = 0
    for (const [key] of below.inSlice(slice.startMs, {})) {
      const inMemory = table.find(key, 0, key.length, murmur2(key, 0, key.length)) >= 0
      if (!inMemory && wants(this.#timeIn(key, key.length))) count += 1
    }
    return count
  }

  /** The first slice closes in the open epoch. */
  close(): void {
    const first = this.#shift()
    if (first !== undefined) this.#releases.close(first)
  }

  /** The first slice had closed before the task began. */
  expire(): void {
    const first = this.#shift()
    if (first !== undefined) this.#releases.expire(first)
    this.#dropGone()
  }

  /** The epoch was cut: what it closed goes when it commits. */
  cut(epoch: Epoch): void {
    this.#releases.cut(epoch)
  }

  /** After the buffer's `committed`. */
  committed(epoch: Epoch): void {
    this.#releases.committed(epoch)
    this.#dropGone()
  }

  /** After the buffer's `rollback`: slices that closed in dropped epochs are open again. */
  rollback(): void {
    const reopened = this.#releases.rollback()
    // Nobody noticed what was evicted from them meanwhile.
    for (const slice of reopened) slice.whole = this.#buffer.below === undefined
    this.#open = [...reopened, ...this.#open].toSorted((a, b) => a.startMs - b.startMs)
    this.#last = undefined
  }

  /** The store begins anew; so has its backend. */
  clear(): void {
    this.#open = []
    this.#last = undefined
    this.#discover()
  }

  #take(slice: Of, range: KeyRange): void {
    const { below } = this.#buffer
    if (below === undefined) return
    this.#buffer.takeStored(below.inSlice(slice.startMs, range), (entry) => {
      this.#owner.list(slice, entry)
    })
  }

  #timeIn(key: Uint8Array, end: number): number {
    return readInt64(key, end - this.#rule.bytesBehind)
  }

  /** Slices that the backend has; nobody knows when their first change was written. */
  #discover(): void {
    for (const startMs of this.#buffer.below?.slices() ?? []) this.#add(startMs, 0).whole = false
  }

  #find(startMs: number): Of | undefined {
    const found = this.#open[this.#placeFor(startMs)]
    return found?.startMs === startMs ? found : undefined
  }

  #add(startMs: number, changelogFrom: number): Of {
    this.#made += 1
    const slice = this.#owner.create(startMs, this.#made, changelogFrom)
    this.#open.splice(this.#placeFor(startMs), 0, slice)
    return slice
  }

  /** Of the first slice that does not begin before. */
  #placeFor(startMs: number): number {
    let low = 0
    let high = this.#open.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#open[middle]?.startMs ?? 0) < startMs) low = middle + 1
      else high = middle
    }
    return low
  }

  #shift(): Of | undefined {
    const first = this.#open.shift()
    if (this.#last === first) this.#last = undefined
    return first
  }

  #dropGone(): void {
    const { expiredStartMs } = this.#releases
    if (expiredStartMs === undefined) return
    this.#buffer.below?.dropBefore(expiredStartMs + this.#sliceMs)
  }

  #let(entry: number, slice: Of): void {
    // What was deleted in the epoch that closed its slice is gone already.
    if (this.owners[entry] !== slice.number || !this.holds(entry)) return
    this.owners[entry] = 0
    this.#buffer.expire(entry)
  }
}
