import { ByteSlabs } from './byte-slabs.ts'

const absent = -1
/** Fields of an entry, side by side so that one cache line has them: slab, start, length, hash. */
const fields = 4

/**
 * Keys by their bytes → entry numbers, dense from 0: the numbers index the columns of whoever owns
 * the table. Open addressing with linear probing over (hash, entry + 1) pairs; at most half full.
 */
export class KeyTable {
  #pairs = new Int32Array(2 * 64)
  #mask = 63
  #shift = 26
  #entries = new Int32Array(32 * fields)
  #slabs = new ByteSlabs()
  #free: number[] = []
  #next = 0
  #size = 0

  /** Keys present. */
  get size(): number {
    return this.#size
  }

  /** Entry numbers are below this. */
  get entriesEnd(): number {
    return this.#next
  }

  /** The entry of a key, −1 when absent. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const pairs = this.#pairs
    const mask = this.#mask
    // The low bits of a task's hashes are alike (they chose the partition), so multiply and take
    // the high ones.
    let at = Math.imul(hash, 0x9e3779b1) >>> this.#shift
    for (;;) {
      const entry = (pairs[2 * at + 1] ?? 0) - 1
      if (entry < 0) return absent
      if (pairs[2 * at] === hash && this.#holds(entry, bytes, start, end)) return entry
      at = (at + 1) & mask
    }
  }

  /** Adds a key that is not present; answers its entry, a freed number or the next one. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    if (2 * (this.#size + 1) > this.#mask) this.#growPairs()
    const entry = this.#free.pop() ?? this.#next++
    if (entry * fields >= this.#entries.length) this.#growEntries()
    this.#slabs.add(bytes, start, end)
    const field = entry * fields
    this.#entries[field] = this.#slabs.slab
    this.#entries[field + 1] = this.#slabs.start
    this.#entries[field + 2] = end - start
    this.#entries[field + 3] = hash
    this.#link(hash, entry)
    this.#size += 1
    return entry
  }

  /** Removes an entry; its number is given to a later key. */
  remove(entry: number): void {
    this.#unlink(entry)
    this.#slabs.free(this.#entries[entry * fields] ?? 0, this.length(entry))
    this.#entries[entry * fields + 2] = -1
    this.#free.push(entry)
    this.#size -= 1
    if (this.#slabs.wasteful) this.#compact()
  }

  /** Where the key of an entry is; valid until a key is removed. */
  bytes(entry: number): Uint8Array {
    return this.#slabs.bytes(this.#entries[entry * fields] ?? 0)
  }

  start(entry: number): number {
    return this.#entries[entry * fields + 1] ?? 0
  }

  /** Bytes of the key, −1 for a number that is free. */
  length(entry: number): number {
    return this.#entries[entry * fields + 2] ?? -1
  }

  hash(entry: number): number {
    return this.#entries[entry * fields + 3] ?? 0
  }

  #holds(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start
    if (this.#entries[entry * fields + 2] !== length) return false
    const own = this.bytes(entry)
    const ownStart = this.start(entry)
    for (let index = 0; index < length; index += 1) {
      if (own[ownStart + index] !== bytes[start + index]) return false
    }
    return true
  }

  #link(hash: number, entry: number): void {
    let at = Math.imul(hash, 0x9e3779b1) >>> this.#shift
    while (this.#pairs[2 * at + 1] !== 0) at = (at + 1) & this.#mask
    this.#pairs[2 * at] = hash
    this.#pairs[2 * at + 1] = entry + 1
  }

  /**
   * Takes an entry out of its probe sequence and moves later members up, so that no tombstones are
   * left.
   */
  #unlink(entry: number): void {
    const pairs = this.#pairs
    let hole = Math.imul(this.hash(entry), 0x9e3779b1) >>> this.#shift
    while (pairs[2 * hole + 1] !== entry + 1) hole = (hole + 1) & this.#mask
    for (let at = (hole + 1) & this.#mask; pairs[2 * at + 1] !== 0; at = (at + 1) & this.#mask) {
      const home = Math.imul(pairs[2 * at] ?? 0, 0x9e3779b1) >>> this.#shift
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue
      pairs[2 * hole] = pairs[2 * at] ?? 0
      pairs[2 * hole + 1] = pairs[2 * at + 1] ?? 0
      hole = at
    }
    pairs[2 * hole + 1] = 0
  }

  #growPairs(): void {
    const capacity = 2 * (this.#mask + 1)
    this.#pairs = new Int32Array(2 * capacity)
    this.#mask = capacity - 1
    this.#shift -= 1
    for (let entry = 0; entry < this.#next; entry += 1) {
      if (this.length(entry) >= 0) this.#link(this.hash(entry), entry)
    }
  }

  #growEntries(): void {
    const larger = new Int32Array(2 * this.#entries.length)
    larger.set(this.#entries)
    this.#entries = larger
  }

  #compact(): void {
    const slabs = new ByteSlabs()
    for (let entry = 0; entry < this.#next; entry += 1) {
      const length = this.length(entry)
      if (length < 0) continue
      slabs.add(this.bytes(entry), this.start(entry), this.start(entry) + length)
      this.#entries[entry * fields] = slabs.slab
      this.#entries[entry * fields + 1] = slabs.start
    }
    this.#slabs = slabs
  }
}
