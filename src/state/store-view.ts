import { assertNever } from '../model/errors.ts'
import { readInt64, writeInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { windowBytes } from '../serde/windowed.ts'
import { lastStart } from '../time/windows.ts'
import { compareBytes } from './byte-slabs.ts'
import { committedValue } from './committed-values.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { Isolation } from './spec.ts'
import { behindPrefix } from './key-bounds.ts'
import { timeBytes } from './store-batch.ts'
import type { StoreRead, StoreRow } from './store-read.ts'

type RangeRead = Extract<StoreRead, { readonly kind: 'range' }>
type WindowsRead = Extract<StoreRead, { readonly kind: 'windows' }>

/** Windows that are looked up one by one, at most. */
const gridMax = 10_000

/** What is told of one store of a task. */
export interface StoreStatus {
  readonly name: string
  /** Keys in memory: all of them for a store without files below it. */
  readonly entries: number
  /** Where its changelog goes on after what it has; undefined where it has none. */
  readonly position: number | undefined
}

/** Read access to one store of a task, by typed keys. What it answers is a copy. */
export class StoreView {
  readonly #buffer: EpochBuffer

  constructor(buffer: EpochBuffer) {
    this.#buffer = buffer
  }

  /** The value of a key, undefined for none. */
  get(key: unknown, isolation: Isolation = 'latest'): unknown {
    const bytes = this.#buffer.spec.key.serialize(key)
    return this.#valueOf(bytes, isolation)
  }

  /** All keys and values, in the order of the keys' bytes. */
  entries(isolation: Isolation = 'latest'): readonly (readonly [key: unknown, value: unknown])[] {
    const { spec } = this.#buffer
    const found: [unknown, unknown][] = []
    for (const bytes of this.#keys()) {
      const value = this.#valueOf(bytes, isolation)
      if (value !== undefined) found.push([spec.key.deserialize(bytes), value])
    }
    return found
  }

  /** What is read, each value in the bytes that its serde writes, by the order of the keys. */
  read(read: StoreRead, isolation: Isolation): readonly StoreRow[] {
    switch (read.kind) {
      case 'get':
        return this.#rows([read.key], 1, isolation)
      case 'range':
        return this.#range(read, isolation)
      case 'windows':
        return this.#windows(read, isolation)
      default:
        return assertNever(read)
    }
  }

  #range({ from, to, reverse, limit }: RangeRead, isolation: Isolation): readonly StoreRow[] {
    const keys = this.#keys(from, to)
    return this.#rows(reverse ? keys.toReversed() : keys, limit, isolation)
  }

  /** Windows of a known grid are looked up one by one; others are looked for among all keys. */
  #windows(read: WindowsRead, isolation: Isolation): readonly StoreRow[] {
    const { key, fromMs, toMs, reverse, limit } = read
    const keys = this.#windowKeys(key, fromMs, toMs)
    return this.#rows(reverse ? keys.toReversed() : keys, limit, isolation)
  }

  #windowKeys(key: Uint8Array, fromMs: number, toMs: number): readonly Uint8Array[] {
    const { window } = this.#buffer.spec
    const first = window === undefined ? 0 : lastStart(fromMs + window.advanceMs - 1, window)
    const count =
      window === undefined ? Infinity : Math.floor((toMs - first) / window.advanceMs) + 1
    if (window !== undefined && count <= gridMax) {
      const starts = Array.from(
        { length: Math.max(0, count) },
        (_, i) => first + i * window.advanceMs,
      )
      return starts.map((start) => windowKey(key, start))
    }
    const length = key.length + windowBytes
    return this.#keys(key, behindPrefix(key)).filter((found) => {
      const startMs = found.length === length ? readInt64(found, key.length) : Number.NaN
      return startMs >= fromMs && startMs <= toMs
    })
  }

  #rows(keys: readonly Uint8Array[], limit: number, isolation: Isolation): readonly StoreRow[] {
    const rows: StoreRow[] = []
    for (const key of keys) {
      if (rows.length >= limit) break
      const value = this.#valueOf(key, isolation)
      if (value === undefined || value === null) continue
      rows.push({ key, value: this.#buffer.spec.value.serialize(value) })
    }
    return rows
  }

  #valueOf(key: Uint8Array, isolation: Isolation): unknown {
    const { table, column, below, spec } = this.#buffer
    const entry = table.find(key, 0, key.length, murmur2(key, 0, key.length))
    if (entry >= 0) {
      return isolation === 'latest' ? column.copy(entry) : committedValue(this.#buffer, entry)
    }
    const stored = below?.get(key, 0, key.length)
    return stored && spec.value.deserialize(stored.subarray(timeBytes))
  }

  /** Sorted, each once. */
  #keys(from?: Uint8Array, to?: Uint8Array): readonly Uint8Array[] {
    const keys = this.#buffer.table.keys().filter((key) => {
      if (from !== undefined && compareBytes(key, from) < 0) return false
      return to === undefined || compareBytes(key, to) < 0
    })
    const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    for (const [key] of this.#buffer.below?.range(bounds) ?? []) {
      keys.push(key.slice())
    }
    keys.sort(compareBytes)
    return keys.filter((key, at) => at === 0 || compareBytes(keys[at - 1] ?? key, key) !== 0)
  }
}

function windowKey(key: Uint8Array, startMs: number): Uint8Array {
  const bytes = new Uint8Array(key.length + windowBytes)
  bytes.set(key)
  writeInt64(bytes, key.length, startMs)
  return bytes
}
