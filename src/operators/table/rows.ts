import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { Failures, TaskScope } from '../failures.ts'
import type { Slot } from '../slot.ts'
import { StoreKey } from '../store-key.ts'
import { keepCopy } from './keep-copy.ts'

export interface RowsOptions {
  readonly store: EpochBuffer<ObjectColumn>
  /** Values may be an aggregate that is changed in place later: objects are copied. */
  readonly copies: boolean
}

/** The store of a table operator that keeps its rows. */
export class Rows {
  /** Of the record that was found last, null for none. */
  old: unknown = null
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #copies: boolean
  readonly #key: StoreKey
  #entry = -1

  constructor({ store, copies }: RowsOptions, scope: TaskScope, failures: Failures) {
    this.#store = store
    this.#copies = copies
    this.#key = new StoreKey(store, scope, failures)
  }

  /** Finds the row of a record's key; false where the record is left out. */
  find(record: Slot): boolean {
    this.#entry = this.#key.entryOf(record)
    if (this.#entry < 0) return false
    this.old = this.#store.column.read(this.#entry) ?? null
    return true
  }

  /** Gives the row that was found a new value; null deletes it. */
  put(value: unknown, time: number): void {
    const store = this.#store
    store.touch(this.#entry, time)
    if (this.#copies) keepCopy(store, this.#entry, value)
    else store.column.set(this.#entry, value)
  }
}
