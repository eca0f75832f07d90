/** A state backend that is plain to see, for tests of what stands above one. */
import type { KeyRange, PersistentBackend } from '../../src/state/backend.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import type { StoreBatch } from '../../src/state/store-batch.ts'

interface Store {
  readonly values: Map<string, readonly [key: Uint8Array, value: Uint8Array]>
  nextOffset: number | undefined
}

/** Where a test's stores are kept. */
export const tiers: readonly (readonly [string, () => MapBackend | undefined])[] = [
  ['in memory', () => undefined],
  ['over a backend', () => new MapBackend()],
]

export class MapBackend implements PersistentBackend {
  #stores = new Map<string, Store>()
  /** As they were at `begin`; undefined outside. */
  #before: Map<string, Store> | undefined

  get(store: string, bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    return this.#stores.get(store)?.values.get(bytes.slice(start, end).join())?.[1]
  }

  range(store: string, { from, to, reverse, limit }: KeyRange) {
    const found = [...(this.#stores.get(store)?.values.values() ?? [])]
      .filter(([key]) => from === undefined || compareBytes(key, from) >= 0)
      .filter(([key]) => to === undefined || compareBytes(key, to) < 0)
      .toSorted(([left], [right]) => compareBytes(left, right))
    if (reverse === true) found.reverse()
    return found.slice(0, limit ?? found.length)
  }

  apply(batch: StoreBatch, from = 0, to = batch.count): void {
    const store = this.#stores.get(batch.store) ?? { values: new Map(), nextOffset: undefined }
    this.#stores.set(batch.store, store)
    for (let at = from; at < to; at += 1) {
      const key = batch.bytes.slice(batch.keyStarts[at] ?? 0, batch.keyEnds[at] ?? 0)
      const start = batch.valueStarts[at] ?? -1
      if (start < 0) store.values.delete(key.join())
      else store.values.set(key.join(), [key, batch.bytes.slice(start, batch.valueEnds[at] ?? 0)])
    }
    store.nextOffset = batch.nextOffset ?? store.nextOffset
  }

  drop(store: string, before: Uint8Array, keysMax: number): number {
    const gone = this.range(store, { to: before, limit: keysMax })
    for (const [key] of gone) this.#stores.get(store)?.values.delete(key.join())
    return gone.length
  }

  begin(): void {
    this.#before = copyOf(this.#stores)
  }

  commit(): void {
    this.#before = undefined
  }

  clear(store: string): void {
    this.#stores.delete(store)
  }

  offset(store: string): number | undefined {
    return this.#stores.get(store)?.nextOffset
  }

  /** Another one with what is left after a crash. */
  get durable(): MapBackend {
    const left = new MapBackend()
    left.#stores = copyOf(this.#before ?? this.#stores)
    return left
  }

  close(): void {
    this.#stores = this.#before ?? this.#stores
    this.#before = undefined
  }
}

function copyOf(stores: ReadonlyMap<string, Store>): Map<string, Store> {
  return new Map(
    Array.from(stores, ([name, { values, nextOffset }]) => [
      name,
      { values: new Map(values), nextOffset },
    ]),
  )
}
