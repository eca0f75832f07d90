import type { Slice } from './open-slices.ts'

/**
 * Entries whose times are in one stretch of the time line, ascending by time. An entry that is
 * gone, or has another key by now, may still be listed: whoever reads the list looks whether entry
 * and time still belong together.
 */
export class TimeSlice implements Slice {
  readonly startMs: number
  readonly number: number
  readonly changelogFrom: number
  whole = true
  /** Entries before it have been told. */
  cursor = 0
  #entries = new Int32Array(16)
  #times = new Float64Array(16)
  #count = 0

  constructor(startMs: number, number: number, changelogFrom: number) {
    this.startMs = startMs
    this.number = number
    this.changelogFrom = changelogFrom
  }

  get count(): number {
    return this.#count
  }

  entry(at: number): number {
    return this.#entries[at] ?? -1
  }

  /** Infinity behind the last one. */
  time(at: number): number {
    return at < this.#count ? (this.#times[at] ?? 0) : Number.POSITIVE_INFINITY
  }

  /**
   * Lists an entry behind those of its time.
   * @param known It may be listed with this time.
   * @param told Entries of this time have been told.
   */
  add(entry: number, time: number, known: boolean, told: boolean): void {
    let at = this.#count
    if (at > 0 && this.time(at - 1) > time) at = this.#behind(time)
    if (known && this.#lists(entry, time, at)) return
    if (this.full) this.#grow()
    this.#entries.copyWithin(at + 1, at, this.#count)
    this.#times.copyWithin(at + 1, at, this.#count)
    this.#entries[at] = entry
    this.#times[at] = time
    this.#count += 1
    if (told) this.cursor += 1
  }

  pop(): number {
    this.#count -= 1
    return this.#entries[this.#count] ?? -1
  }

  /** The next entry makes the list longer. */
  get full(): boolean {
    return this.#count === this.#entries.length
  }

  /** Keeps what belongs here. */
  settle(belongs: (entry: number, time: number) => boolean): void {
    let kept = 0
    for (let at = 0; at < this.#count; at += 1) {
      const entry = this.entry(at)
      const time = this.time(at)
      if (!belongs(entry, time)) continue
      this.#entries[kept] = entry
      this.#times[kept] = time
      kept += 1
    }
    this.#count = kept
  }

  /** Puts the cursor behind what is not later than a time. */
  tellFrom(time: number): void {
    this.cursor = this.#behind(time)
  }

  #lists(entry: number, time: number, end: number): boolean {
    for (let at = end - 1; at >= 0 && this.time(at) === time; at -= 1) {
      if (this.#entries[at] === entry) return true
    }
    return false
  }

  /** Place of the first entry that is later. */
  #behind(time: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.time(middle) <= time) low = middle + 1
      else high = middle
    }
    return low
  }

  #grow(): void {
    const entries = new Int32Array(2 * this.#count)
    entries.set(this.#entries)
    this.#entries = entries
    const times = new Float64Array(2 * this.#count)
    times.set(this.#times)
    this.#times = times
  }
}
