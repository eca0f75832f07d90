import type { CounterColumn } from '../state/value-column.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { writeInt64 } from '../model/int64.ts'
import type { TaskScope } from './failures.ts'
import type { Failures } from './failures.ts'
import { Encoded } from './encoded.ts'
import { Slot } from './slot.ts'
import type { AggregateSpec } from './spec.ts'
import type { Step } from './step.ts'

/**
 * Counts records by key, without an object for a count: live counts are numbers, and leave as 8
 * bytes.
 */
export class CountStep implements Step {
  readonly #store: EpochBuffer<CounterColumn>
  readonly #spec: AggregateSpec
  readonly #scope: TaskScope
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
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
    this.#scope = scope
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.store.key)
  }

  process(record: Slot): void {
    if (record.keyIsNull || record.valueIsNull) {
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
    const store = this.#store
    const entry = store.entryOf(key.bytes, key.start, key.end, key.hash)
    const count = store.column.increment(entry)
    const time = Math.max(store.timeOf(entry), record.timestamp)
    store.touch(entry, time)
    if (this.#spec.emit === 'update') this.#emit(record, count, time)
  }

  #emit(record: Slot, count: number, time: number): void {
    const out = this.#out
    writeInt64(this.#bytes, 0, count)
    out.origin = record.origin
    out.timestamp = time
    out.takeKey(record)
    out.setValueWithBytes(count, this.#spec.store.value, this.#bytes, 0, 8)
    this.#next.process(out)
  }
}
