import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/value-column.ts'
import { Encoded } from './encoded.ts'
import type { Failures, TaskScope } from './failures.ts'
import type { Slot } from './slot.ts'
import type { Emit } from './spec.ts'
import type { Step } from './step.ts'

/** Keeps the last value of each key; a null value deletes. A record without a key is left out. */
export class ToTableStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #emits: boolean
  readonly #scope: TaskScope
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded

  constructor(
    emit: Emit,
    store: EpochBuffer<ObjectColumn>,
    scope: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#store = store
    this.#emits = emit === 'update'
    this.#scope = scope
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(store.spec.key)
  }

  process(record: Slot): void {
    if (record.keyIsNull) {
      this.#scope.counters.dropped += 1
      return
    }
    const key = this.#key
    try {
      key.takeKey(record)
    } catch (cause) {
      this.#failures.meet('SERIALIZATION_FAILED', record, cause)
      return
    }
    const entry = this.#store.entryOf(key.bytes, key.start, key.end, key.hash)
    this.#store.column.set(entry, record.value())
    this.#store.touch(entry, record.timestamp)
    if (this.#emits) this.#next.process(record)
  }
}
