import type { EntryTable } from './entry-table.ts'

/** Entries of a chunk: few enough to move within one, enough to make chunks few. */
const chunkEntries = 256

interface Chunk {
  readonly entries: Int32Array
  count: number
}

/**
 * The entries of a table in the unsigned order of their keys' bytes: sorted chunks of entry
 * numbers, which split when they are full. It has each entry that the table has, so a key is added
 * after the table has it and removed before the table lets it go.
 *
 * It is read through one cursor, which stands between two entries and is lost by any change.
 */
export class OrderedIndex {
  readonly #table: EntryTable
  #chunks: Chunk[] = []
  /** The cursor: what `next` answers is at this place of this chunk. */
  #chunk = 0
  #at = 0

  constructor(table: EntryTable) {
    this.#table = table
  }

  /** Adds an entry whose key is not here yet. */
  add(entry: number): void {
    this.#seekEntry(entry)
    const chunk = this.#chunks[this.#chunk] ?? this.#firstChunk()
    const { entries } = chunk
    entries.copyWithin(this.#at + 1, this.#at, chunk.count)
    entries[this.#at] = entry
    chunk.count += 1
    if (chunk.count === chunkEntries) this.#split(this.#chunk)
  }

  remove(entry: number): void {
    this.#seekEntry(entry)
    const chunk = this.#chunks[this.#chunk]
    if (chunk === undefined) return
    chunk.entries.copyWithin(this.#at, this.#at + 1, chunk.count)
    chunk.count -= 1
    this.#joinNext(this.#chunk)
  }

  /** Stands before the first entry whose key is not below; without a key before all. */
  seek(key: Uint8Array | undefined): void {
    if (key === undefined) {
      this.#chunk = 0
      this.#at = 0
    } else this.#seek(key, 0, key.length)
  }

  /** Stands behind all entries. */
  seekEnd(): void {
    this.#chunk = Math.max(0, this.#chunks.length - 1)
    this.#at = this.#chunks[this.#chunk]?.count ?? 0
  }

  /** The entry behind the cursor, −1 at the end; the cursor is behind it then. */
  next(): number {
    let chunk = this.#chunks[this.#chunk]
    if (chunk !== undefined && this.#at >= chunk.count) {
      this.#chunk += 1
      this.#at = 0
      chunk = this.#chunks[this.#chunk]
    }
    if (chunk === undefined) return -1
    const entry = chunk.entries[this.#at] ?? -1
    this.#at += 1
    return entry
  }

  /** The entry before the cursor, −1 at the beginning; the cursor is before it then. */
  previous(): number {
    if (this.#at === 0) {
      if (this.#chunk === 0) return -1
      this.#chunk -= 1
      this.#at = this.#chunks[this.#chunk]?.count ?? 0
    }
    this.#at -= 1
    return this.#chunks[this.#chunk]?.entries[this.#at] ?? -1
  }

  /** The order of an entry's key and this one: below 0 where the entry's comes first. */
  compare(entry: number, key: Uint8Array): number {
    return this.#compare(entry, key, 0, key.length)
  }

  #seekEntry(entry: number): void {
    const start = this.#table.keyStart(entry)
    this.#seek(this.#table.keyBytes(entry), start, start + this.#table.keyLength(entry))
  }

  /** Where no entry is behind, the cursor stands at the end of the last chunk. */
  #seek(bytes: Uint8Array, start: number, end: number): void {
    // The first chunk whose last entry is not below.
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = this.#chunks[middle]
      const last = chunk?.entries[chunk.count - 1] ?? -1
      if (this.#compare(last, bytes, start, end) < 0) low = middle + 1
      else high = middle
    }
    this.#chunk = low
    const chunk = this.#chunks[low]
    this.#at = chunk === undefined ? 0 : this.#placeIn(chunk, bytes, start, end)
  }

  #placeIn({ entries, count }: Chunk, bytes: Uint8Array, start: number, end: number): number {
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(entries[middle] ?? -1, bytes, start, end) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #compare(entry: number, bytes: Uint8Array, start: number, end: number): number {
    const own = this.#table.keyBytes(entry)
    const ownStart = this.#table.keyStart(entry)
    const length = this.#table.keyLength(entry)
    const shared = Math.min(length, end - start)
    for (let at = 0; at < shared; at += 1) {
      const difference = (own[ownStart + at] ?? 0) - (bytes[start + at] ?? 0)
      if (difference !== 0) return difference
    }
    return length - (end - start)
  }

  #firstChunk(): Chunk {
    const chunk = { entries: new Int32Array(chunkEntries), count: 0 }
    this.#chunks.push(chunk)
    return chunk
  }

  /** Keys that only rise leave full chunks behind: the new one takes what is at the end. */
  #split(at: number): void {
    const chunk = this.#chunks[at]
    if (chunk === undefined) return
    const isLast = at === this.#chunks.length - 1
    const kept = isLast ? chunkEntries - chunkEntries / 8 : chunkEntries / 2
    const entries = new Int32Array(chunkEntries)
    entries.set(chunk.entries.subarray(kept, chunk.count))
    this.#chunks.splice(at + 1, 0, { entries, count: chunk.count - kept })
    chunk.count = kept
  }

  /** A chunk that has become small takes its neighbour's entries, or goes. */
  #joinNext(at: number): void {
    const chunk = this.#chunks[at]
    const next = this.#chunks[at + 1]
    if (chunk === undefined || chunk.count > chunkEntries / 4) return
    if (chunk.count === 0) this.#chunks.splice(at, 1)
    else if (next !== undefined && chunk.count + next.count <= chunkEntries / 2) {
      chunk.entries.set(next.entries.subarray(0, next.count), chunk.count)
      chunk.count += next.count
      this.#chunks.splice(at + 1, 1)
    }
  }
}
