/** A state backend that is plain to see, for tests of what stands above one. */
import type { KeyRange, StateBackend } from '../../src/state/backend.ts'
import { compareBytes } from '../../src/state/byte-slabs.ts'
import type { StoreBatch } from '../../src/state/store-batch.ts'

interface Store {
  readonly values: Map<string, readonly [key: Uint8Array, value: Uint8Array]>
  nextOffset: number | undefined
}

export class MapBackend implements StateBackend {
  readonly #stores = new Map<string, Store>()

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

  apply(batch: StoreBatch): void {
    const store = this.#stores.get(batch.store) ?? { values: new Map(), nextOffset: undefined }
    this.#stores.set(batch.store, store)
    for (let at = 0; at < batch.count; at += 1) {
      const key = batch.bytes.slice(batch.keyStarts[at] ?? 0, batch.keyEnds[at] ?? 0)
      const start = batch.valueStarts[at] ?? -1
      if (start < 0) store.values.delete(key.join())
      else store.values.set(key.join(), [key, batch.bytes.slice(start, batch.valueEnds[at] ?? 0)])
    }
    store.nextOffset = batch.nextOffset ?? store.nextOffset
  }

  offset(store: string): number | undefined {
    return this.#stores.get(store)?.nextOffset
  }

  close(): void {
    this.#stores.clear()
  }
}
