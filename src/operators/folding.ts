import { writeInt64 } from '../model/int64.ts'
import type { CounterColumn } from '../state/counter-column.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import type { Failures } from './failures.ts'
import { type Add, adderOf, foldSeesKey } from './fold.ts'
import type { Slot } from './slot.ts'
import type { WindowedAggregateSpec } from './spec.ts'

/** What a windowed aggregation does with one entry of its store. */
export interface Folding {
  /** False where the record is left out by the policy of its operator. */
  fold(entry: number, record: Slot): boolean
  /** A copy of the entry's value, null for none. */
  copy(entry: number): unknown
  /** Puts the entry's value into a record. */
  give(entry: number, out: Slot): void
}

export class CountFolding implements Folding {
  readonly #store: EpochBuffer<CounterColumn>
  readonly #bytes = new Uint8Array(8)

  constructor(store: EpochBuffer<CounterColumn>) {
    this.#store = store
  }

  fold(entry: number, record: Slot): boolean {
    const store = this.#store
    store.touch(entry, Math.max(store.timeOf(entry), record.timestamp))
    store.column.increment(entry)
    return true
  }

  copy(entry: number): unknown {
    return this.#store.column.read(entry) ?? null
  }

  give(entry: number, out: Slot): void {
    const { column, spec } = this.#store
    const count = column.read(entry) ?? 0
    writeInt64(this.#bytes, 0, count)
    out.setValueWithBytes(count, spec.value, this.#bytes, 0, 8)
  }
}

export class ObjectFolding implements Folding {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #failures: Failures
  readonly #add: Add
  readonly #seesKey: boolean
  /** True: the first value of a window is its aggregate, and other windows have the record too. */
  readonly #copies: boolean

  constructor(spec: WindowedAggregateSpec, store: EpochBuffer<ObjectColumn>, failures: Failures) {
    this.#store = store
    this.#failures = failures
    this.#add = adderOf(spec.function)
    this.#seesKey = foldSeesKey(spec.function)
    const { sizeMs, advanceMs } = spec.window
    this.#copies = spec.function.kind === 'reduce' && advanceMs < sizeMs
  }

  fold(entry: number, record: Slot): boolean {
    const { column } = this.#store
    const before = this.#failures.fatal ? undefined : column.snapshot(entry)
    let value: unknown
    const aggregate = column.read(entry)
    try {
      const typedKey = this.#seesKey ? record.key() : undefined
      value = this.#add(aggregate, record.value(), typedKey)
      if (this.#copies && aggregate === undefined) value = this.#copyOf(value)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      if (!this.#failures.fatal) column.resume(entry, before)
      return false
    }
    const { timestamp } = record
    const last = aggregate === undefined ? timestamp : this.#store.timeOf(entry)
    this.#store.touch(entry, Math.max(last, timestamp))
    column.set(entry, value)
    return true
  }

  copy(entry: number): unknown {
    return this.#store.column.copy(entry) ?? null
  }

  give(entry: number, out: Slot): void {
    out.setValue(this.#store.column.read(entry))
  }

  /** Windows must not share an aggregate that a reducer may change in place. */
  #copyOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const { value: serde } = this.#store.spec
    return serde.deserialize(serde.serialize(value))
  }
}
