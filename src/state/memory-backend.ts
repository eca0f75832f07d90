import type { KeyRange, StateBackend } from './backend.ts'
import { ByteSlabs, compareBytes, copyBytes } from './byte-slabs.ts'
import { KeyTable } from './key-table.ts'
import { doubled, type StoreBatch } from './store-batch.ts'

/** A backend that lives as long as its task. */
export class MemoryBackend implements StateBackend {
  readonly #stores = new Map<string, MemoryStore>()

  get(store: string, bytes: Uint8Array, start: number, end: number, hash: number) {
    return this.#stores.get(store)?.get(bytes, start, end, hash)
  }

  /** Sorts the keys asked for at each call: for queries, not for the hot path. */
  range(store: string, range: KeyRange): Iterable<readonly [Uint8Array, Uint8Array]> {
    return this.#stores.get(store)?.range(range) ?? []
  }

  apply(batch: StoreBatch): void {
    let store = this.#stores.get(batch.store)
    if (store === undefined) {
      store = new MemoryStore()
      this.#stores.set(batch.store, store)
    }
    store.apply(batch)
  }

  offset(store: string): number | undefined {
    return this.#stores.get(store)?.nextOffset
  }

  close(): void {
    this.#stores.clear()
  }
}

/** Fields of a value: slab, start, length, room. */
const fields = 4

class MemoryStore {
  nextOffset: number | undefined = undefined
  readonly #keys = new KeyTable()
  #slabs = new ByteSlabs()
  #values = new Int32Array(32 * fields)

  get(bytes: Uint8Array, start: number, end: number, hash: number): Uint8Array | undefined {
    const entry = this.#keys.find(bytes, start, end, hash)
    return entry < 0 ? undefined : this.#value(entry)
  }

  range({ from, to, reverse, limit }: KeyRange): (readonly [Uint8Array, Uint8Array])[] {
    const found: (readonly [Uint8Array, Uint8Array])[] = []
    for (let entry = 0; entry < this.#keys.entriesEnd; entry += 1) {
      const length = this.#keys.length(entry)
      if (length < 0) continue
      const start = this.#keys.start(entry)
      const key = this.#keys.bytes(entry).subarray(start, start + length)
      if (from !== undefined && compareBytes(key, from) < 0) continue
      if (to !== undefined && compareBytes(key, to) >= 0) continue
      found.push([key, this.#value(entry)])
    }
    found.sort(([left], [right]) => compareBytes(left, right))
    if (reverse === true) found.reverse()
    return limit === undefined ? found : found.slice(0, limit)
  }

  apply(batch: StoreBatch): void {
    for (let at = 0; at < batch.count; at += 1) {
      const start = batch.keyStarts[at] ?? 0
      const end = batch.keyEnds[at] ?? 0
      const hash = batch.hashes[at] ?? 0
      const hint = batch.hints[at] ?? -1
      const entry = hint >= 0 ? hint : this.#keys.find(batch.bytes, start, end, hash)
      const valueStart = batch.valueStarts[at] ?? -1
      if (valueStart < 0) {
        if (entry >= 0) this.#delete(entry)
        batch.hints[at] = -1
      } else if (entry >= 0) {
        this.#put(entry, batch.bytes, valueStart, batch.valueEnds[at] ?? 0)
        batch.hints[at] = entry
      } else {
        const added = this.#keys.add(batch.bytes, start, end, hash)
        this.#add(added, batch.bytes, valueStart, batch.valueEnds[at] ?? 0)
        batch.hints[at] = added
      }
    }
    this.nextOffset = batch.nextOffset ?? this.nextOffset
    if (this.#slabs.wasteful) this.#compact()
  }

  #value(entry: number): Uint8Array {
    const field = entry * fields
    const start = this.#values[field + 1] ?? 0
    return this.#slabs
      .bytes(this.#values[field] ?? 0)
      .subarray(start, start + (this.#values[field + 2] ?? 0))
  }

  #add(entry: number, bytes: Uint8Array, start: number, end: number): void {
    const field = entry * fields
    if (field >= this.#values.length) this.#values = doubled(this.#values)
    this.#slabs.add(bytes, start, end)
    this.#values[field] = this.#slabs.slab
    this.#values[field + 1] = this.#slabs.start
    this.#values[field + 2] = end - start
    this.#values[field + 3] = end - start
  }

  #put(entry: number, bytes: Uint8Array, start: number, end: number): void {
    const field = entry * fields
    const room = this.#values[field + 3] ?? 0
    const slab = this.#values[field] ?? 0
    if (end - start > room) {
      this.#slabs.free(slab, room)
      this.#add(entry, bytes, start, end)
      return
    }
    copyBytes(bytes, start, end, this.#slabs.bytes(slab), this.#values[field + 1] ?? 0)
    this.#values[field + 2] = end - start
  }

  #delete(entry: number): void {
    this.#slabs.free(this.#values[entry * fields] ?? 0, this.#values[entry * fields + 3] ?? 0)
    this.#keys.remove(entry)
  }

  #compact(): void {
    const old = this.#slabs
    this.#slabs = new ByteSlabs()
    for (let entry = 0; entry < this.#keys.entriesEnd; entry += 1) {
      if (this.#keys.length(entry) < 0) continue
      const start = this.#values[entry * fields + 1] ?? 0
      const bytes = old.bytes(this.#values[entry * fields] ?? 0)
      this.#add(entry, bytes, start, start + (this.#values[entry * fields + 2] ?? 0))
    }
  }
}
