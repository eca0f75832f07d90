import type { KeyRange } from './backend.ts'
import type { BackendStore, StoredEntry } from './backend-store.ts'
import type { EntryTable } from './entry-table.ts'
import { behindKey } from './key-bounds.ts'
import { OrderedIndex } from './ordered-index.ts'

/** How a range is read: which end first, and how many of its values. */
export type ScanOptions = Pick<KeyRange, 'reverse' | 'limit'>

/** What a buffer does for the entries of a range. */
interface RangeReader {
  readonly table: EntryTable
  takeStored(entries: Iterable<StoredEntry>, each: (entry: number) => void): void
  /** Loads the entry's value; false where it has none. */
  loads(entry: number): boolean
}

/** The backend's keys of a range that are read at once where a limit is wanted, at least. */
const readMin = 16

/**
 * A buffer's entries in the order of their keys, above those of its backend: what is in memory
 * hides what the backend has of the same key, deletions too.
 */
export class OrderedEntries {
  readonly #backend: BackendStore | undefined
  readonly #index: OrderedIndex
  readonly #reader: RangeReader

  constructor(reader: RangeReader, backend: BackendStore | undefined) {
    this.#backend = backend
    this.#index = new OrderedIndex(reader.table)
    this.#reader = reader
  }

  add(entry: number): void {
    this.#index.add(entry)
  }

  remove(entry: number): void {
    this.#index.remove(entry)
  }

  /** All entries of a range that are in memory, with a value or without. */
  inMemory(from: Uint8Array | undefined, to: Uint8Array | undefined): readonly number[] {
    const found: number[] = []
    this.#index.seek(from)
    for (let entry = this.#index.next(); entry >= 0; entry = this.#index.next()) {
      if (to !== undefined && this.#index.compare(entry, to) >= 0) break
      found.push(entry)
    }
    return found
  }

  /** The entries with a value from `from` up to below `to`. */
  scan(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    { reverse = false, limit = Number.POSITIVE_INFINITY }: ScanOptions,
  ): readonly number[] {
    const found: number[] = []
    let low = from
    let high = to
    while (found.length < limit) {
      // What memory hides is not known before: the backend is asked for a part at a time.
      const reached = this.#take(low, high, reverse, limit - found.length)
      if (reverse) this.#collectDown(reached ?? low, high, limit, found)
      else this.#collectUp(low, reached === undefined ? high : behindKey(reached), limit, found)
      if (reached === undefined) break
      if (reverse) high = reached
      else low = behindKey(reached)
    }
    return found
  }

  /**
   * Takes the backend's values of a range into memory, up to a number of them.
   * @returns The last key, undefined where there are no more behind it.
   */
  #take(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse: boolean,
    wanted: number,
  ): Uint8Array | undefined {
    const backend = this.#backend
    if (backend === undefined) return undefined
    const limit = Math.max(readMin, wanted)
    const range = {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(Number.isFinite(limit) ? { limit } : {}),
      reverse,
    }
    const found = Array.from(backend.range(range))
    this.#reader.takeStored(found, () => undefined)
    return found.length < limit ? undefined : found.at(-1)?.[0]
  }

  #collectUp(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    limit: number,
    found: number[],
  ): void {
    const index = this.#index
    index.seek(from)
    while (found.length < limit) {
      const entry = index.next()
      if (entry < 0 || (to !== undefined && index.compare(entry, to) >= 0)) return
      if (this.#reader.loads(entry)) found.push(entry)
    }
  }

  #collectDown(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    limit: number,
    found: number[],
  ): void {
    const index = this.#index
    if (to === undefined) index.seekEnd()
    else index.seek(to)
    while (found.length < limit) {
      const entry = index.previous()
      if (entry < 0 || (from !== undefined && index.compare(entry, from) < 0)) return
      if (this.#reader.loads(entry)) found.push(entry)
    }
  }
}
