import type { StoreBatch } from './store-batch.ts'

/**
 * Which part of a store, and in which direction. Bounds are key bytes in unsigned order; `to` is
 * not included.
 */
export interface KeyRange {
  readonly from?: Uint8Array
  readonly to?: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

/**
 * Where committed state of one task's stores is kept below memory: bytes to bytes, synchronous.
 * Values carry their time in front (`timeBytes`). Answers are views that are valid until the next
 * `apply`.
 */
export interface StateBackend {
  get(store: string, bytes: Uint8Array, start: number, end: number): Uint8Array | undefined
  range(store: string, range: KeyRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** Puts, deletes and the changelog offset of a batch: all or nothing. */
  apply(batch: StoreBatch): void
  /**
   * Where the changelog goes on after what the store holds; undefined for a store that holds
   * nothing yet.
   */
  offset(store: string): number | undefined
  close(): void
}

/** A backend that outlives its task. Its answers are copies. */
export interface PersistentBackend extends StateBackend {
  /**
   * Opens a change of many parts: what is applied until `commit` is one change of each store, and
   * may be spread over many turns of an event loop. Reads see it before.
   */
  begin(): void
  commit(): void
  /** @param from First change of the batch to apply. @param to Where to stop. Default: all. */
  apply(batch: StoreBatch, from?: number, to?: number): void
  /**
   * Deletes keys below this one, up to so many: the lowest first. Part of a change as `apply` is.
   * @returns How many went: fewer than `keysMax` when none is left.
   */
  drop(store: string, before: Uint8Array, keysMax: number): number
  /** Forgets a store with its offset: for one that cannot be trusted. */
  clear(store: string): void
}
