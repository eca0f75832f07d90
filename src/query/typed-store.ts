/** Typed reading of one store over anything that answers questions in bytes. */
import { type Duration, durationMs } from '../model/duration.ts'
import { isStreamError, messageOf, StreamError } from '../model/errors.ts'
import type { Serde } from '../serde/serde.ts'
import { windowBytes } from '../serde/windowed.ts'
import { compareBytes } from '../state/byte-slabs.ts'
import type { Isolation } from '../state/spec.ts'
import { behindPrefix } from '../state/key-bounds.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import type { StoreRead, StoreRow } from '../state/store-read.ts'

export interface QueryOptions {
  /** `latest` sees the open epoch of the owner too. @default 'committed' */
  readonly isolation?: Isolation
  /**
   * A standby may answer that was level with its changelog so long ago. Default: owners only.
   */
  readonly maxStaleness?: Duration
  /** The partition to ask, for topics with a partitioner of their own. Default: by the key. */
  readonly partition?: number
}

export interface RangeOptions extends QueryOptions {
  /** From the last key to the first. @default false */
  readonly reverse?: boolean
  /** Entries at most. Default: all. */
  readonly limit?: number
}

/** Starts of windows, milliseconds since 1970, both included. */
export interface WindowBounds {
  readonly from: number | Date
  readonly to: number | Date
}

export type Entry<K, V> = readonly [key: K, value: V]

/**
 * Read access to a store. Answers are copies; ranges are in the order of the keys' bytes, which is
 * that of texts, and of numbers that are not negative.
 *
 * @throws StreamError `STORE_UNAVAILABLE` while a part that has to answer restores or moves: the
 * message says which; ask again.
 */
export interface StoreQuery<K = unknown, V = unknown> {
  /** The value of a key, undefined for none. */
  get(key: K, options?: Isolation | QueryOptions): Promise<V | undefined>
  /** Keys from `from` to below `to`; undefined: from the first, to the last. */
  range(
    from: K | undefined,
    to: K | undefined,
    options?: RangeOptions,
  ): Promise<readonly Entry<K, V>[]>
  /** Keys whose bytes begin with those of `prefix`. */
  prefix(prefix: K, options?: RangeOptions): Promise<readonly Entry<K, V>[]>
  all(options?: RangeOptions): Promise<readonly Entry<K, V>[]>
  /**
   * Windows of a key, of a windowed store.
   * @param key Without the window.
   * @throws StreamError `QUERY_INVALID` for another store.
   */
  windows(
    key: unknown,
    bounds: WindowBounds,
    options?: RangeOptions,
  ): Promise<readonly Entry<K, V>[]>
}

export interface TypedStoreParts<K, V> {
  readonly store: string
  readonly key: Serde<K>
  readonly value: Serde<V>
  readonly ask: (question: StoreQuestion) => Promise<StoreAnswer>
}

export class TypedStore<K, V> implements StoreQuery<K, V> {
  readonly #parts: TypedStoreParts<K, V>

  constructor(parts: TypedStoreParts<K, V>) {
    this.#parts = parts
  }

  async get(key: K, options: Isolation | QueryOptions = {}): Promise<V | undefined> {
    const given = typeof options === 'string' ? { isolation: options } : options
    const read = { kind: 'get', key: keyBytes(this.#parts, key) } as const
    const [row] = await this.#rows(read, given)
    return row && this.#parts.value.deserialize(row.value)
  }

  range(from: K | undefined, to: K | undefined, options: RangeOptions = {}) {
    const lower = from === undefined ? undefined : keyBytes(this.#parts, from)
    const upper = to === undefined ? undefined : keyBytes(this.#parts, to)
    return this.#entries({ kind: 'range', from: lower, to: upper, ...direction(options) }, options)
  }

  prefix(prefix: K, options: RangeOptions = {}) {
    const from = keyBytes(this.#parts, prefix)
    const to = behindPrefix(from)
    return this.#entries({ kind: 'range', from, to, ...direction(options) }, options)
  }

  all(options: RangeOptions = {}) {
    return this.range(undefined, undefined, options)
  }

  async windows(key: unknown, { from, to }: WindowBounds, options: RangeOptions = {}) {
    const bounds = { fromMs: Number(from), toMs: Number(to) }
    const bytes = innerKey(this.#parts, key)
    const read = { kind: 'windows', key: bytes, ...bounds, ...direction(options) } as const
    return this.#entries(read, options)
  }

  async #entries(read: StoreRead, options: RangeOptions): Promise<readonly Entry<K, V>[]> {
    const { key, value } = this.#parts
    const rows = await this.#rows(read, options)
    return rows.map((row) => [key.deserialize(row.key), value.deserialize(row.value)] as const)
  }

  async #rows(read: StoreRead, options: QueryOptions): Promise<readonly StoreRow[]> {
    const { store, ask } = this.#parts
    const { isolation = 'committed', maxStaleness, partition } = options
    const staleMs =
      maxStaleness === undefined ? undefined : durationMs(maxStaleness, 'maxStaleness')
    const partitions = partition === undefined ? undefined : [partition]
    const answer = await ask({ store, read, isolation, partitions, staleMs })
    return rowsOf(store, read, answer)
  }
}

/**
 * All rows of an answer in order. A key that was found answers whatever other parts are silent.
 * @throws StreamError `STORE_UNAVAILABLE`
 */
export function rowsOf(
  store: string,
  read: StoreRead,
  { parts, silent }: StoreAnswer,
): readonly StoreRow[] {
  const rows = parts.flatMap((part) => part.rows)
  if (read.kind === 'get' && rows.length > 0) return rows
  const [mute] = silent
  if (mute !== undefined) throw unavailable(store, `partition ${mute.partition}: ${mute.reason}`)
  if (parts.length === 0) throw unavailable(store, 'no part of it is here now')
  if (read.kind === 'get') return rows
  const sign = read.reverse ? -1 : 1
  return rows.toSorted((a, b) => sign * compareBytes(a.key, b.key)).slice(0, read.limit)
}

export function unavailable(store: string, reason: string, cause?: unknown): StreamError {
  return new StreamError(
    'STORE_UNAVAILABLE',
    `the store "${store}" cannot answer now: ${reason}; ask again, or let a standby answer ` +
      '(`maxStaleness`)',
    { domain: 'external', recovery: 'retry', cause },
  )
}

function direction({ reverse = false, limit = Number.MAX_SAFE_INTEGER }: RangeOptions) {
  return { reverse, limit }
}

/** The bytes of a key without its window: a windowed serde writes the window behind it. */
function innerKey<K, V>(parts: TypedStoreParts<K, V>, inner: unknown): Uint8Array {
  const { store, key } = parts
  if (key.keySuffixBytes !== windowBytes) {
    throw new StreamError('QUERY_INVALID', `the store "${store}" has no windows`, {
      domain: 'user',
      recovery: 'fatal',
    })
  }
  const bytes = keyBytes(parts, { key: inner, start: 0, end: 0 } as K)
  return bytes.subarray(0, bytes.length - windowBytes)
}

/** @throws StreamError `QUERY_INVALID` for what cannot be a key of the store */
function keyBytes<K, V>({ store, key }: TypedStoreParts<K, V>, value: K): Uint8Array {
  try {
    return key.serialize(value)
  } catch (cause) {
    if (isStreamError(cause)) throw cause
    throw new StreamError(
      'QUERY_INVALID',
      `the store "${store}" has no such key: ${key.name} cannot write it (${messageOf(cause)})`,
      { domain: 'user', recovery: 'fatal', cause },
    )
  }
}
