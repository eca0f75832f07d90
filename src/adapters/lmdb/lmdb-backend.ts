/** The stores of one task, each in a file of its own: what is wrong with one concerns that one. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, StreamError } from '../../model/errors.ts'
import type { KeyRange, PersistentBackend } from '../../state/backend.ts'
import type { StoreBatch } from '../../state/store-batch.ts'
import type { Lmdb } from './library.ts'
import { LmdbStore } from './lmdb-store.ts'

export interface LmdbBackendParts {
  readonly lmdb: Lmdb
  /** Made when it does not exist. */
  readonly directory: string
  /** A file that cannot be read was thrown away; its store is empty. */
  readonly onUnreadable: (store: string, error: Error) => void
  readonly onClosed: () => void
}

export class LmdbBackend implements PersistentBackend {
  readonly #parts: LmdbBackendParts
  readonly #stores = new Map<string, LmdbStore>()
  #begun = false

  constructor(parts: LmdbBackendParts) {
    this.#parts = parts
    mkdirSync(parts.directory, { recursive: true })
  }

  get(store: string, bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    return this.#in(store, (found) => found.get(bytes, start, end))
  }

  range(store: string, range: KeyRange): Iterable<readonly [Uint8Array, Uint8Array]> {
    return this.#in(store, (found) => found.range(range))
  }

  apply(batch: StoreBatch, from = 0, to = batch.count): void {
    this.#in(batch.store, (store) => store.apply(batch, from, to))
  }

  drop(store: string, before: Uint8Array, keysMax: number): number {
    return this.#in(store, (found) => found.drop(before, keysMax))
  }

  begin(): void {
    this.#begun = true
  }

  commit(): void {
    this.#begun = false
    for (const name of this.#stores.keys()) this.#in(name, (store) => store.commit())
  }

  offset(store: string): number | undefined {
    return this.#in(store, (found) => found.offset())
  }

  clear(store: string): void {
    this.#stores.get(store)?.close()
    this.#stores.delete(store)
    removeFiles(this.#pathOf(store))
  }

  close(): void {
    for (const store of this.#stores.values()) store.close()
    this.#stores.clear()
    this.#parts.onClosed()
  }

  #in<Result>(name: string, use: (store: LmdbStore) => Result): Result {
    try {
      return use(this.#store(name))
    } catch (cause) {
      const message = messageOf(cause)
      // What fails in the middle of a file will again: the next start begins with a new one.
      if (damage.test(message)) writeFileSync(`${this.#pathOf(name)}${badSuffix}`, message)
      throw new StreamError(
        'STATE_STORE_FAILED',
        `store ${name} in ${this.#parts.directory} fails: ${message}; look for room on the disk ` +
          'and start again: a damaged store is read again from its changelog',
        { domain: 'external', recovery: 'fatal', cause },
      )
    }
  }

  #store(name: string): LmdbStore {
    const store = this.#stores.get(name) ?? this.#opened(name)
    if (this.#begun && !store.begun) store.begin()
    return store
  }

  #opened(name: string): LmdbStore {
    const { lmdb, onUnreadable } = this.#parts
    const path = this.#pathOf(name)
    let store: LmdbStore
    try {
      if (existsSync(`${path}${badSuffix}`)) throw new Error('it failed in the run before')
      store = new LmdbStore(lmdb, path)
    } catch (error) {
      onUnreadable(name, error instanceof Error ? error : new Error(String(error)))
      removeFiles(path)
      store = new LmdbStore(lmdb, path)
    }
    this.#stores.set(name, store)
    return store
  }

  #pathOf(store: string): string {
    return join(this.#parts.directory, `${store}.mdb`)
  }
}

const badSuffix = '-bad'
const damage = /MDB_(CORRUPTED|PAGE_NOTFOUND|PANIC|INVALID|BAD_TXN)/

function removeFiles(path: string): void {
  for (const file of [path, `${path}-lock`, `${path}${badSuffix}`]) rmSync(file, { force: true })
}
