import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { Encoded } from './encoded.ts'
import type { Failures, TaskScope } from './failures.ts'
import type { Slot } from './slot.ts'

/** How records find their entry in the store of an operator. */
export class StoreKey {
  readonly #store: EpochBuffer
  readonly #scope: TaskScope
  readonly #failures: Failures
  readonly #key: Encoded

  constructor(store: EpochBuffer, scope: TaskScope, failures: Failures) {
    this.#store = store
    this.#scope = scope
    this.#failures = failures
    this.#key = new Encoded(store.spec.key)
  }

  /** As in Kafka Streams, a record without a key or value is left out of an aggregation. */
  entryToFold(record: Slot): number {
    if (!record.valueIsNull) return this.entryOf(record)
    this.#scope.counters.dropped += 1
    return -1
  }

  /** −1 where the record is left out: it has no key, or the policy says so of one like this. */
  entryOf(record: Slot): number {
    if (record.keyIsNull) {
      this.#scope.counters.dropped += 1
      return -1
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return -1
    return this.#store.entryOf(key.bytes, key.start, key.end, key.hash)
  }
}
