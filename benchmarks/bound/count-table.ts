/**
 * Counts by the bytes of keys: open addressing over one array of 32-byte entries, so that a look-up
 * is one cache miss. Counts end at 2^32.
 */

/**
 * Words of an entry: tag (upper half of the hash, key size + 1; 0: empty), place of the key's bytes
 * in the arena (keys above 8 bytes), epoch of the last change, count, first 8 bytes of the key, and
 * the time as a double.
 */
const word = { tag: 0, arena: 1, epoch: 2, count: 3, key: 4, time: 6 } as const
const entryWords = 8
const initialEntries = 1 << 16
const fullest = 0.6
const inlineKeyBytes = 8

export class CountTable {
  words: Int32Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
  /** Entries with a change in this epoch, in the order of their first change. */
  dirty = new Int32Array(1 << 10)
  dirtyCount = 0
  epoch = 1
  #mask = initialEntries - 1
  #used = 0
  #arena = new Uint8Array(1 << 16)
  #arenaEnd = 0

  constructor() {
    this.words = new Int32Array(initialEntries * entryWords)
    this.times = new Float64Array(this.words.buffer)
  }

  get size(): number {
    return this.#used
  }

  /** Adds one; the entry's first word, for `countOf`. `bytes` has 8 bytes to spare at its end. */
  increment(bytes: Uint8Array, view: DataView, start: number, size: number, time: number): number {
    const high = size < 4 ? partial(bytes, start, size) : view.getInt32(start, true)
    const low =
      size >= 8
        ? view.getInt32(start + 4, true)
        : size > 4
          ? partial(bytes, start + 4, size - 4)
          : 0
    let hash = mix(high, low)
    for (let i = inlineKeyBytes; i < size; i++)
      hash = Math.imul(hash ^ (bytes[i + start] ?? 0), prime)
    hash ^= hash >>> 15
    const tag = (hash & 0xffff_0000) | (size + 1)
    const words = this.words
    let at = (hash & this.#mask) * entryWords
    while (true) {
      const found = words[at] ?? 0
      if (found === 0) break
      if (
        found === tag &&
        words[at + word.key] === high &&
        words[at + word.key + 1] === low &&
        (size <= inlineKeyBytes || this.#restIs(words[at + word.arena] ?? 0, bytes, start, size))
      ) {
        this.#changed(at, time)
        return at
      }
      at = (at + entryWords) & (words.length - 1)
    }
    return this.#insert(at, tag, high, low, bytes, start, size, time)
  }

  countOf(entry: number): number {
    return (this.words[entry + word.count] ?? 0) >>> 0
  }

  timeOf(entry: number): number {
    return this.times[(entry + word.time) >>> 1] ?? 0
  }

  keySizeOf(entry: number): number {
    return ((this.words[entry] ?? 0) & 0xffff) - 1
  }

  /** Writes the key of an entry; up to 7 bytes after it may be overwritten. */
  writeKey(entry: number, bytes: Uint8Array, view: DataView, at: number): void {
    view.setInt32(at, this.words[entry + word.key] ?? 0, true)
    view.setInt32(at + 4, this.words[entry + word.key + 1] ?? 0, true)
    const rest = this.keySizeOf(entry) - inlineKeyBytes
    if (rest <= 0) return
    const from = this.words[entry + word.arena] ?? 0
    bytes.set(this.#arena.subarray(from, from + rest), at + inlineKeyBytes)
  }

  /** Forgets what has changed: the next change of an entry is its first again. */
  nextEpoch(): void {
    this.dirtyCount = 0
    this.epoch++
  }

  #changed(at: number, time: number): void {
    const words = this.words
    words[at + word.count] = (words[at + word.count] ?? 0) + 1
    const timeAt = (at + word.time) >>> 1
    if (time > (this.times[timeAt] ?? 0)) this.times[timeAt] = time
    if (words[at + word.epoch] === this.epoch) return
    words[at + word.epoch] = this.epoch
    if (this.dirtyCount === this.dirty.length) this.#growDirty()
    this.dirty[this.dirtyCount++] = at
  }

  #insert(
    at: number,
    tag: number,
    high: number,
    low: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    time: number,
  ): number {
    if (this.#used >= (this.#mask + 1) * fullest) {
      this.#grow()
      return this.increment(bytes, new DataView(bytes.buffer, bytes.byteOffset), start, size, time)
    }
    this.#used++
    const words = this.words
    words[at] = tag
    words[at + word.key] = high
    words[at + word.key + 1] = low
    if (size > inlineKeyBytes) words[at + word.arena] = this.#keep(bytes, start, size)
    this.#changed(at, time)
    return at
  }

  #keep(bytes: Uint8Array, start: number, size: number): number {
    const at = this.#arenaEnd
    const end = at + size - inlineKeyBytes
    if (end > this.#arena.length) {
      const grown = new Uint8Array(Math.max(end, this.#arena.length * 2))
      grown.set(this.#arena)
      this.#arena = grown
    }
    this.#arena.set(bytes.subarray(start + inlineKeyBytes, start + size), at)
    this.#arenaEnd = end
    return at
  }

  #restIs(at: number, bytes: Uint8Array, start: number, size: number): boolean {
    for (let i = inlineKeyBytes; i < size; i++) {
      if (this.#arena[at + i - inlineKeyBytes] !== bytes[start + i]) return false
    }
    return true
  }

  #growDirty(): void {
    const grown = new Int32Array(this.dirty.length * 2)
    grown.set(this.dirty)
    this.dirty = grown
  }

  #hashOf(words: Int32Array, entry: number): number {
    let hash = mix(words[entry + word.key] ?? 0, words[entry + word.key + 1] ?? 0)
    const rest = ((words[entry] ?? 0) & 0xffff) - 1 - inlineKeyBytes
    const at = words[entry + word.arena] ?? 0
    for (let i = 0; i < rest; i++) hash = Math.imul(hash ^ (this.#arena[at + i] ?? 0), prime)
    return hash ^ (hash >>> 15)
  }

  #grow(): void {
    const old = this.words
    const words = new Int32Array(old.length * 2)
    this.#mask = words.length / entryWords - 1
    for (let from = 0; from < old.length; from += entryWords) {
      if (old[from] === 0) continue
      let at = (this.#hashOf(old, from) & this.#mask) * entryWords
      while (words[at] !== 0) at = (at + entryWords) & (words.length - 1)
      for (let i = 0; i < entryWords; i++) words[at + i] = old[from + i] ?? 0
      // Where an entry has gone, for the list below.
      old[from + word.arena] = at
    }
    for (let i = 0; i < this.dirtyCount; i++) {
      this.dirty[i] = old[(this.dirty[i] ?? 0) + word.arena] ?? 0
    }
    this.words = words
    this.times = new Float64Array(words.buffer)
  }
}

const prime = 0x0100_0193

function mix(high: number, low: number): number {
  let hash = Math.imul(high, 0x9e37_79b1) ^ Math.imul(low, 0x85eb_ca77)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b_3c6d)
  return hash ^ (hash >>> 13)
}

/** Fewer than four bytes as a word. */
function partial(bytes: Uint8Array, start: number, size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value |= (bytes[start + i] ?? 0) << (i * 8)
  return value
}
