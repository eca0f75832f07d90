import { ByteSlabs } from './byte-slabs.ts'

const absent = -1

/** Words of an entry: half a cache line has all that a record needs of its key's entry. */
export const entryWords = 8
const hashWord = 0
/** Bytes of the key, −1 for a number that is free. */
const lengthWord = 1
const keyWord = 2
/** For the owner's use: 0 in a new entry. */
export const markWord = 3
/** A double: the time of the last change. */
export const timeWord = 4
/** Two words or a double, as the store's column has them. */
export const payloadWord = 6
export const entryDoubles = entryWords / 2
export const timeDouble = timeWord / 2
export const payloadDouble = payloadWord / 2

/**
 * Keys by their bytes → entries of eight words, numbered densely from 0. An entry's words lie side
 * by side because a store with many keys is as fast as it misses the processor's caches seldom.
 *
 * The index is open-addressed with linear probing, at most half full. A slot is one word: the entry
 * number + 1 in as many low bits as the index has slots, and in the bits above these the key's
 * hash, so that a probe rarely has to look at another key's entry.
 */
export class EntryTable {
  /** All entries; replaced when the table grows. */
  words: Int32Array
  /** The same memory. */
  doubles: Float64Array
  #index = new Int32Array(64)
  #mask = 63
  #shift = 26
  #keys = new ByteSlabs()
  #free: number[] = []
  #next = 0
  #size = 0
  /** Where `warm` puts what it reads, so that the reads are not left out. */
  #warm = new Int32Array(32)
  #likely = new Int32Array(32)

  constructor() {
    const memory = new ArrayBuffer(32 * entryWords * 4)
    this.words = new Int32Array(memory)
    this.doubles = new Float64Array(memory)
  }

  /** Keys present. */
  get size(): number {
    return this.#size
  }

  /** Memory of the keys. */
  get usedBytes(): number {
    return this.#keys.usedBytes
  }

  /** Entry numbers are below this. */
  get entriesEnd(): number {
    return this.#next
  }

  /** Entries that there is memory for. */
  get capacity(): number {
    return this.words.length / entryWords
  }

  /** The entry of a key, −1 when absent. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const index = this.#index
    const words = this.words
    const mask = this.#mask
    const tag = hash & ~mask
    // The low bits of a task's hashes are alike (they chose the partition), so multiply and take
    // the high ones.
    let at = Math.imul(hash, 0x9e3779b1) >>> this.#shift
    for (;;) {
      const slot = index[at] ?? 0
      if (slot === 0) return absent
      if ((slot & ~mask) === tag) {
        const entry = (slot & mask) - 1
        const word = entry * entryWords
        if (
          words[word] === hash &&
          words[word + lengthWord] === end - start &&
          this.#holds(words[word + keyWord] ?? 0, bytes, start, end)
        ) {
          return entry
        }
      }
      at = (at + 1) & mask
    }
  }

  /**
   * Reads what `find` will read for keys with these hashes, in loops whose reads do not wait for
   * each other. Changes nothing; answers entries that are likely to be found, below 0 for none.
   */
  warm(hashes: Int32Array, count: number): Int32Array {
    const index = this.#index
    const words = this.words
    const mask = this.#mask
    if (this.#warm.length < count) {
      this.#warm = new Int32Array(count)
      this.#likely = new Int32Array(count)
    }
    const warm = this.#warm
    const likely = this.#likely
    for (let at = 0; at < count; at += 1) {
      warm[at] = index[Math.imul(hashes[at] ?? 0, 0x9e3779b1) >>> this.#shift] ?? 0
    }
    for (let at = 0; at < count; at += 1) {
      const entry = ((warm[at] ?? 0) & mask) - 1
      likely[at] = entry
      warm[at] = entry < 0 ? 0 : (words[entry * entryWords + keyWord] ?? 0)
    }
    for (let at = 0; at < count; at += 1) {
      const place = warm[at] ?? 0
      warm[at] = this.#keys.slab(place)[this.#keys.start(place)] ?? 0
    }
    return likely
  }

  /** Adds a key that is not present; answers its entry, a freed number or the next one. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    if (2 * (this.#size + 1) > this.#mask) this.#growIndex()
    const entry = this.#free.pop() ?? this.#next++
    if (entry >= this.capacity) this.#growEntries()
    const { words } = this
    const word = entry * entryWords
    words[word + hashWord] = hash
    words[word + lengthWord] = end - start
    words[word + keyWord] = this.#keys.add(bytes, start, end)
    words[word + markWord] = 0
    this.#link(hash, entry)
    this.#size += 1
    return entry
  }

  /** Removes an entry; its number is given to a later key. */
  remove(entry: number): void {
    this.#unlink(entry)
    const word = entry * entryWords
    this.#keys.free(this.words[word + keyWord] ?? 0, this.keyLength(entry))
    this.words[word + lengthWord] = -1
    this.#free.push(entry)
    this.#size -= 1
    if (this.#keys.wasteful) this.#compact()
  }

  /** Where the key of an entry is; valid until a key is removed. */
  keyBytes(entry: number): Uint8Array {
    return this.#keys.slab(this.words[entry * entryWords + keyWord] ?? 0)
  }

  keyStart(entry: number): number {
    return this.#keys.start(this.words[entry * entryWords + keyWord] ?? 0)
  }

  /** Bytes of the key, −1 for a number that is free. */
  keyLength(entry: number): number {
    return this.words[entry * entryWords + lengthWord] ?? -1
  }

  /** A view of the key; valid until a key is removed. */
  key(entry: number): Uint8Array {
    const start = this.keyStart(entry)
    return this.keyBytes(entry).subarray(start, start + this.keyLength(entry))
  }

  /** Copies of all keys. */
  keys(): readonly Uint8Array[] {
    const keys: Uint8Array[] = []
    for (let entry = 0; entry < this.#next; entry += 1) {
      if (this.keyLength(entry) >= 0) keys.push(this.key(entry).slice())
    }
    return keys
  }

  #hash(entry: number): number {
    return this.words[entry * entryWords + hashWord] ?? 0
  }

  #holds(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#keys.slab(place)
    let at = this.#keys.start(place)
    for (let index = start; index < end; index += 1) {
      if (own[at] !== bytes[index]) return false
      at += 1
    }
    return true
  }

  #link(hash: number, entry: number): void {
    let at = Math.imul(hash, 0x9e3779b1) >>> this.#shift
    while (this.#index[at] !== 0) at = (at + 1) & this.#mask
    this.#index[at] = (hash & ~this.#mask) | (entry + 1)
  }

  /**
   * Takes an entry out of its probe sequence and moves later members up, so that no tombstones are
   * left.
   */
  #unlink(entry: number): void {
    const index = this.#index
    const mask = this.#mask
    let hole = this.#home(entry)
    while (((index[hole] ?? 0) & mask) !== entry + 1) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.#home(((index[at] ?? 0) & mask) - 1)
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      index[hole] = index[at] ?? 0
      hole = at
    }
    index[hole] = 0
  }

  /** Where the probe sequence of an entry begins. */
  #home(entry: number): number {
    return Math.imul(this.#hash(entry), 0x9e3779b1) >>> this.#shift
  }

  #growIndex(): void {
    const capacity = 2 * (this.#mask + 1)
    this.#index = new Int32Array(capacity)
    this.#mask = capacity - 1
    this.#shift -= 1
    for (let entry = 0; entry < this.#next; entry += 1) {
      if (this.keyLength(entry) >= 0) this.#link(this.#hash(entry), entry)
    }
  }

  #growEntries(): void {
    const memory = new ArrayBuffer(2 * this.words.byteLength)
    const words = new Int32Array(memory)
    words.set(this.words)
    this.words = words
    this.doubles = new Float64Array(memory)
  }

  #compact(): void {
    const keys = new ByteSlabs()
    for (let entry = 0; entry < this.#next; entry += 1) {
      const length = this.keyLength(entry)
      if (length < 0) continue
      const start = this.keyStart(entry)
      const place = keys.add(this.keyBytes(entry), start, start + length)
      this.words[entry * entryWords + keyWord] = place
    }
    this.#keys = keys
  }
}
