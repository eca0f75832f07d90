import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import { ToldValues } from '../../state/told-values.ts'
import type { Encoded } from '../encoded.ts'
import type { Slot } from '../slot.ts'
import type { JoinFunction } from './join-function.ts'
import type { RowFunction } from './row-function.ts'

/** How operators look up a table, whether it has a store of its own or not. */
export interface TableView {
  /** Of the row that was read last: when it changed. */
  readonly time: number
  /**
   * The row of a key, null for none. It must not be changed.
   * @param key In bytes, and `record.key()` typed.
   */
  read(key: Encoded, record: Slot): unknown
  /** The same as of a time, for tables that know what their rows were; others answer as `read`. */
  readAt(key: Encoded, record: Slot, time: number): unknown
}

/** A table's own store. */
export class StoreTable implements TableView {
  time = -1
  readonly #store: EpochBuffer

  constructor(store: EpochBuffer) {
    this.#store = store
  }

  read({ bytes, start, end, hash }: Encoded): unknown {
    const store = this.#store
    const entry = store.find(bytes, start, end, hash)
    if (entry < 0) return null
    this.time = store.timeOf(entry)
    return store.column.read(entry)
  }

  readAt(key: Encoded): unknown {
    return this.read(key)
  }
}

/**
 * The store of a table that emits at the end of an epoch: what it has told. Of what changed since,
 * tables behind it learn by a change that has to find everything else as it was.
 */
export class ToldTable implements TableView {
  readonly #told: ToldValues

  constructor(store: EpochBuffer) {
    this.#told = new ToldValues(store)
  }

  get time(): number {
    return this.#told.time
  }

  read({ bytes, start, end, hash }: Encoded): unknown {
    return this.#told.read(bytes, start, end, hash) ?? null
  }

  readAt(key: Encoded): unknown {
    return this.read(key)
  }
}

export class FilteredTable implements TableView {
  readonly #table: TableView
  readonly #fn: RowFunction<boolean>
  readonly #negated: boolean

  constructor(table: TableView, fn: RowFunction<boolean>, negated: boolean) {
    this.#table = table
    this.#fn = fn
    this.#negated = negated
  }

  get time(): number {
    return this.#table.time
  }

  read(key: Encoded, record: Slot): unknown {
    return this.#passed(this.#table.read(key, record), record)
  }

  readAt(key: Encoded, record: Slot, time: number): unknown {
    return this.#passed(this.#table.readAt(key, record, time), record)
  }

  #passed(row: unknown, record: Slot): unknown {
    if (row === null) return null
    const matches = this.#fn.again(row, record)
    if (matches === undefined) return null
    return matches === this.#negated ? null : row
  }
}

export class MappedTable implements TableView {
  readonly #table: TableView
  readonly #fn: RowFunction<unknown>

  constructor(table: TableView, fn: RowFunction<unknown>) {
    this.#table = table
    this.#fn = fn
  }

  get time(): number {
    return this.#table.time
  }

  read(key: Encoded, record: Slot): unknown {
    return this.#mapped(this.#table.read(key, record), record)
  }

  readAt(key: Encoded, record: Slot, time: number): unknown {
    return this.#mapped(this.#table.readAt(key, record, time), record)
  }

  #mapped(row: unknown, record: Slot): unknown {
    return row === null ? null : (this.#fn.again(row, record) ?? null)
  }
}

export class JoinedTable implements TableView {
  time = -1
  readonly #left: TableView
  readonly #right: TableView
  readonly #fn: JoinFunction

  constructor(left: TableView, right: TableView, fn: JoinFunction) {
    this.#left = left
    this.#right = right
    this.#fn = fn
  }

  read(key: Encoded, record: Slot): unknown {
    const left = this.#left.read(key, record)
    const right = this.#right.read(key, record)
    const leftTime = left === null ? -1 : this.#left.time
    this.time = Math.max(leftTime, right === null ? -1 : this.#right.time)
    return this.#fn.again(left, right, record)
  }

  readAt(key: Encoded, record: Slot): unknown {
    return this.read(key, record)
  }
}
