import type { CounterColumn } from '../state/counter-column.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { writeInt64 } from '../model/int64.ts'
import type { TaskScope } from './failures.ts'
import type { Failures } from './failures.ts'
import { Slot } from './slot.ts'
import type { AggregateSpec } from './spec.ts'
import type { Step } from './step.ts'
import { StoreKey } from './store-key.ts'

/**
 * Counts records by key, without an object for a count: live counts are numbers, and leave as 8
 * bytes.
 */
export class CountStep implements Step {
  readonly #store: EpochBuffer<CounterColumn>
  readonly #spec: AggregateSpec
  readonly #next: Step
  readonly #key: StoreKey
  readonly #out = new Slot()
  readonly #bytes = new Uint8Array(8)

  constructor(
    spec: AggregateSpec,
    store: EpochBuffer<CounterColumn>,
    scope: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#spec = spec
    this.#store = store
    this.#next = next
    this.#key = new StoreKey(store, scope, failures)
  }

  process(record: Slot): void {
    const entry = this.#key.entryToFold(record)
    if (entry < 0) return
    const store = this.#store
    const time = Math.max(store.timeOf(entry), record.timestamp)
    store.touch(entry, time)
    const count = store.column.increment(entry)
    if (this.#spec.emit !== 'commit') this.#emit(record, count, time)
  }

  #emit(record: Slot, count: number, time: number): void {
    const out = this.#out
    writeInt64(this.#bytes, 0, count)
    out.origin = record.origin
    out.timestamp = time
    out.takeKey(record)
    // A count begins with its first record, and never ends.
    out.old = count === 1 ? null : count - 1
    out.setValueWithBytes(count, this.#spec.store.value, this.#bytes, 0, 8)
    this.#next.process(out)
  }
}
