import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import type { Failures, TaskScope } from './failures.ts'
import type { Slot } from './slot.ts'
import type { Emit } from './spec.ts'
import type { Step } from './step.ts'
import { StoreKey } from './store-key.ts'

/** Keeps the last value of each key; a null value deletes. A record without a key is left out. */
export class ToTableStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #emits: boolean
  readonly #next: Step
  readonly #key: StoreKey

  constructor(
    emit: Emit,
    store: EpochBuffer<ObjectColumn>,
    scope: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#store = store
    this.#emits = emit === 'update'
    this.#next = next
    this.#key = new StoreKey(store, scope, failures)
  }

  process(record: Slot): void {
    const entry = this.#key.entryOf(record)
    if (entry < 0) return
    const value = record.value()
    this.#store.touch(entry, record.timestamp)
    this.#store.column.set(entry, value)
    if (this.#emits) this.#next.process(record)
  }
}
