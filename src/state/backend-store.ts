import { readInt64 } from '../model/int64.ts'
import { readOrderedTime, writeOrderedTime } from '../serde/spans.ts'
import type { KeyRange, StateBackend } from './backend.ts'
import { compareBytes, copyBytes } from './byte-slabs.ts'
import { behindKey } from './key-bounds.ts'
import { type SliceRule, sliceOf, sliceRuleOf } from './slices.ts'
import type { StoreSpec } from './spec.ts'
import { StoreBatch } from './store-batch.ts'

/** Key and stored value: time of the last change, then the value's bytes. */
export type StoredEntry = readonly [key: Uint8Array, stored: Uint8Array]

/** Bytes of a slice's start, before the keys of stores whose entries go by time. */
export const sliceBytes = 8
/** Keys that are read at once. */
const pageKeys = 1_024

/**
 * One store as its backend has it. The keys of entries that go by time stand there behind the start
 * of their slice of time: so what closes together lies side by side, and goes in one stretch.
 */
export class BackendStore {
  readonly #backend: Pick<StateBackend, 'get' | 'range' | 'offset'>
  readonly #name: string
  readonly #rule: SliceRule | undefined
  /** A key as the backend has it. */
  #key = new Uint8Array(64)
  /** Slices that begin before this are needed no more; undefined while that is none. */
  #goneBefore: number | undefined

  constructor(backend: Pick<StateBackend, 'get' | 'range' | 'offset'>, spec: StoreSpec) {
    this.#backend = backend
    this.#name = spec.name
    this.#rule = sliceRuleOf(spec)
  }

  get sliced(): boolean {
    return this.#rule !== undefined
  }

  /** Where the changelog goes on after what is here; undefined for a store without anything. */
  get offset(): number | undefined {
    return this.#backend.offset(this.#name)
  }

  get(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const name = this.#name
    if (this.#rule === undefined) return this.#backend.get(name, bytes, start, end)
    const length = this.#put(this.#rule, bytes, start, end)
    return this.#backend.get(name, this.#key, 0, length)
  }

  /** In the order of the keys' bytes. */
  range(range: KeyRange): Iterable<StoredEntry> {
    if (this.#rule === undefined) return this.#backend.range(this.#name, range)
    const sign = range.reverse === true ? -1 : 1
    const found = this.slices().flatMap((startMs) => Array.from(this.inSlice(startMs, range)))
    return found.toSorted(([a], [b]) => sign * compareBytes(a, b)).slice(0, range.limit)
  }

  /** As `range`, read in parts: who stops early has read little. */
  *each({ from, to, reverse = false }: KeyRange): Generator<StoredEntry> {
    let low = from
    let high = to
    for (let more = true; more; ) {
      const bounds = { ...(low && { from: low }), ...(high && { to: high }), reverse }
      // Slices are put into one order as a whole.
      const limit = this.sliced ? Number.POSITIVE_INFINITY : pageKeys
      const page = Array.from(this.range({ ...bounds, limit }))
      yield* page
      more = page.length === limit
      const last = page.at(-1)?.[0]
      if (last === undefined) continue
      if (reverse) high = last
      else low = behindKey(last)
    }
  }

  /** The starts of the slices that have entries, ascending. */
  slices(): readonly number[] {
    const starts: number[] = []
    let from = this.#goneBefore === undefined ? undefined : prefixOf(this.#goneBefore)
    for (;;) {
      const range = from === undefined ? { limit: 1 } : { from, limit: 1 }
      const [first] = this.#backend.range(this.#name, range)
      if (first === undefined) return starts
      const startMs = readOrderedTime(first[0], 0)
      starts.push(startMs)
      from = prefixOf(startMs + 1)
    }
  }

  /** The entries of a slice, up to `limit`, with keys as the store has them. */
  *inSlice(startMs: number, { from, to, limit = Infinity }: KeyRange): Generator<StoredEntry> {
    let low = prefixOf(startMs, from)
    const high = to === undefined ? prefixOf(startMs + 1) : prefixOf(startMs, to)
    for (let left = limit; left > 0; ) {
      const asked = Math.min(left, pageKeys)
      const page = Array.from(
        this.#backend.range(this.#name, { from: low, to: high, limit: asked }),
      )
      for (const [key, stored] of page) yield [key.subarray(sliceBytes), stored]
      const last = page.at(-1)
      if (last === undefined || page.length < asked) return
      low = behindKey(last[0])
      left -= page.length
    }
  }

  /** Slices that begin before a time go with the next batch, whatever is in them. */
  dropBefore(timeMs: number): void {
    this.#goneBefore = timeMs
  }

  /** Changes for the backend: keys are added through `addKey`. */
  batch(nextOffset: number | undefined): StoreBatch {
    const batch = new StoreBatch(this.#name)
    batch.nextOffset = nextOffset
    if (this.#goneBefore !== undefined) batch.dropBefore = prefixOf(this.#goneBefore)
    return batch
  }

  /** Begins a change of a key in a batch of this store. */
  addKey(batch: StoreBatch, bytes: Uint8Array, start: number, end: number): void {
    if (this.#rule === undefined) return batch.addKey(bytes, start, end)
    const length = this.#put(this.#rule, bytes, start, end)
    batch.addKey(this.#key, 0, length)
  }

  #put(rule: SliceRule, bytes: Uint8Array, start: number, end: number): number {
    const length = sliceBytes + end - start
    if (length > this.#key.length) this.#key = new Uint8Array(2 * length)
    const { bytesBehind } = rule
    // A key that is too short for a time has no slice: it is nobody's, and is kept before all.
    const timeMs =
      end - start < bytesBehind ? Number.MIN_SAFE_INTEGER : readInt64(bytes, end - bytesBehind)
    writeOrderedTime(this.#key, 0, sliceOf(timeMs, rule))
    copyBytes(bytes, start, end, this.#key, sliceBytes)
    return length
  }
}

function prefixOf(startMs: number, key: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(sliceBytes + key.length)
  writeOrderedTime(bytes, 0, startMs)
  bytes.set(key, sliceBytes)
  return bytes
}
