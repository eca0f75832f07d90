import type { Slice } from './open-slices.ts'

/**
 * The entries of one window, in the order in which they came. An entry that an aborted epoch added
 * is gone again, and its number may be another key's: `settle` sorts that out.
 */
export class WindowSegment implements Slice {
  readonly startMs: number
  /** From 1; another for each segment of a store. */
  readonly number: number
  /** The changelog has nothing of this window before this offset. */
  readonly changelogFrom: number
  whole = true
  #entries = new Int32Array(16)
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
    return this.#entries[at] ?? 0
  }

  add(entry: number): void {
    if (this.full) {
      const larger = new Int32Array(2 * this.#count)
      larger.set(this.#entries)
      this.#entries = larger
    }
    this.#entries[this.#count] = entry
    this.#count += 1
  }

  /** The next entry makes the list longer. */
  get full(): boolean {
    return this.#count === this.#entries.length
  }

  /** Takes an entry off the end. */
  pop(): number {
    this.#count -= 1
    return this.entry(this.#count)
  }

  /**
   * Keeps the entries that are still of this segment, each once.
   * @param owners Number of the segment that lists an entry.
   * @param holds False for the number of no key.
   */
  settle(owners: Int32Array, holds: (entry: number) => boolean): void {
    const { number } = this
    let kept = 0
    for (let at = 0; at < this.#count; at += 1) {
      const entry = this.entry(at)
      if (owners[entry] !== number || !holds(entry)) continue
      owners[entry] = -number
      this.#entries[kept] = entry
      kept += 1
    }
    this.#count = kept
    for (let at = 0; at < kept; at += 1) owners[this.entry(at)] = number
  }
}
