/** What is used of the `lmdb` package, typed for keys with an encoder of our own. */
import { StreamError } from '../../model/errors.ts'
import type { keyEncoder, KeySlice } from './key-encoding.ts'

export interface LmdbOptions {
  readonly noSubdir: true
  readonly noSync: true
  readonly encoding: 'binary'
  readonly keyEncoder: typeof keyEncoder
}

/** What a transaction's function answers to leave it open; called back at once, in the call. */
export interface Pending {
  then(commit: () => void, abort: (cause: Error) => void): void
}

export interface LmdbDatabase {
  readonly env: {
    info(): { readonly lastPageNumber: number }
    stat(): { readonly pageSize: number }
  }
  /** A copy. */
  getBinary(key: KeySlice): Uint8Array | undefined
  put(key: KeySlice, value: Uint8Array): unknown
  remove(key: KeySlice): unknown
  getRange(options: {
    readonly start: KeySlice
    readonly end: KeySlice
    readonly reverse: boolean
    readonly inclusiveEnd: boolean
  }): Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>
  getKeys(options: {
    readonly start: KeySlice
    readonly end: KeySlice
    readonly limit: number
  }): Iterable<Uint8Array>
  transactionSync(action: () => Pending | void, flags: number): unknown
  close(): Promise<void>
}

export interface Lmdb {
  readonly open: (path: string, options: LmdbOptions) => LmdbDatabase
}

/**
 * Loads the package when a store needs it: its binary does not exist for every platform.
 * @throws StreamError `STATE_BACKEND_MISSING`
 */
export async function loadLmdb(): Promise<Lmdb> {
  try {
    const { open } = await import('lmdb')
    return { open: open as unknown as Lmdb['open'] }
  } catch (cause) {
    throw new StreamError(
      'STATE_BACKEND_MISSING',
      `lmdb cannot be loaded on ${process.platform}-${process.arch}: install it again with its ` +
        "optional packages, or keep stores in memory (stateBackend: 'memory')",
      { domain: 'user', recovery: 'fatal', cause },
    )
  }
}
