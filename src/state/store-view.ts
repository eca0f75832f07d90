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
    return this.#rows(this.#keys(from, to, reverse), limit, isolation)
  }

  #windows(read: WindowsRead, isolation: Isolation): readonly StoreRow[] {
    const { key, fromMs, toMs, reverse, limit } = read
    return this.#rows(this.#windowKeys(key, fromMs, toMs, reverse), limit, isolation)
  }

  /** Windows of a known grid are looked up one by one; others are looked for among the key's. */
  #windowKeys(
    key: Uint8Array,
    fromMs: number,
    toMs: number,
    reverse: boolean,
  ): Iterable<Uint8Array> {
    const { window } = this.#buffer.spec
    const first = window === undefined ? 0 : lastStart(fromMs + window.advanceMs - 1, window)
    const count =
      window === undefined ? Infinity : Math.floor((toMs - first) / window.advanceMs) + 1
    if (window !== undefined && count <= gridMax) {
      const starts = Array.from(
        { length: Math.max(0, count) },
        (_, i) => first + i * window.advanceMs,
      )
      return (reverse ? starts.reverse() : starts).map((start) => windowKey(key, start))
    }
    const length = key.length + windowBytes
    return Array.from(this.#keys(key, behindPrefix(key), reverse)).filter((found) => {
      const startMs = found.length === length ? readInt64(found, key.length) : Number.NaN
      return startMs >= fromMs && startMs <= toMs
    })
  }

  #rows(keys: Iterable<Uint8Array>, limit: number, isolation: Isolation): readonly StoreRow[] {
    const rows: StoreRow[] = []
    if (limit <= 0) return rows
    for (const key of keys) {
      const value = this.#valueOf(key, isolation)
      if (value === undefined || value === null) continue
      rows.push({ key, value: this.#buffer.spec.value.serialize(value) })
      if (rows.length >= limit) break
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

  /** The keys of memory and of what is below it, each once, in their order. */
  *#keys(from?: Uint8Array, to?: Uint8Array, reverse = false): Generator<Uint8Array> {
    const own = this.#ownKeys(from, to)
    if (reverse) own.reverse()
    const sign = reverse ? -1 : 1
    const bounds = { ...(from && { from }), ...(to && { to }), reverse }
    let at = 0
    for (const [key] of this.#buffer.below?.each(bounds) ?? []) {
      let order = -1
      for (; at < own.length; at += 1) {
        const mine = own[at] ?? key
        order = sign * compareBytes(mine, key)
        if (order > 0) break
        yield mine
        if (order === 0) {
          at += 1
          break
        }
      }
      if (order !== 0) yield key.slice()
    }
    yield* own.slice(at)
  }

  /** Copies of the keys of a range that are in memory, in their order. */
  #ownKeys(from?: Uint8Array, to?: Uint8Array): Uint8Array[] {
    const { table, ordered } = this.#buffer
    if (ordered !== undefined)
      return ordered.inMemory(from, to).map((one) => table.key(one).slice())
    const keys: Uint8Array[] = []
    for (let entry = 0; entry < table.entriesEnd; entry += 1) {
      if (table.keyLength(entry) < 0) continue
      const key = table.key(entry)
      if (from !== undefined && compareBytes(key, from) < 0) continue
      if (to === undefined || compareBytes(key, to) < 0) keys.push(key.slice())
    }
    return keys.sort(compareBytes)
  }
}

function windowKey(key: Uint8Array, startMs: number): Uint8Array {
  const bytes = new Uint8Array(key.length + windowBytes)
  bytes.set(key)
  writeInt64(bytes, key.length, startMs)
  return bytes
}
