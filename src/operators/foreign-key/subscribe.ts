import { murmur3 } from '../../model/murmur3.ts'
import { compareBytes } from '../../state/byte-slabs.ts'
import { Encoded } from '../encoded.ts'
import type { Failures, TaskScope } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { JoinFunction } from '../table/join-function.ts'
import { RowFunction } from '../table/row-function.ts'
import type { SubscribeSpec } from './spec.ts'

const noHash: Uint8Array = new Uint8Array(16)

/**
 * The left table's side of a foreign-key join: subscribes a row to the one that it points to, and
 * ends what it was subscribed to. A row that is deleted, or points to nothing, has its result at
 * once: answers that are still on their way do not fit it any more.
 *
 * Kafka Streams' SubscriptionSendProcessorSupplier answers a new row only if the other is there,
 * and sends a deletion round by the other table: a row that is deleted and written again meanwhile
 * can keep a result that nothing says any more. Here each subscription is answered.
 */
export class SubscribeStep implements Step {
  readonly #spec: SubscribeSpec
  readonly #foreignKeyOf: RowFunction<Uint8Array | undefined>
  readonly #fn: JoinFunction
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #subscriptions: Step
  readonly #results: Step
  readonly #key: Encoded
  readonly #out = new Slot()

  constructor(
    spec: SubscribeSpec,
    { counters }: TaskScope,
    failures: Failures,
    { subscriptions, results }: { readonly subscriptions: Step; readonly results: Step },
  ) {
    this.#spec = spec
    const bytesOf = (value: unknown, key: unknown) => this.#foreignKey(value, key)
    this.#foreignKeyOf = new RowFunction(bytesOf, failures, spec.foreignKeyOf)
    this.#fn = new JoinFunction(spec.join, spec.fn, failures)
    this.#counters = counters
    this.#failures = failures
    this.#subscriptions = subscriptions
    this.#results = results
    this.#key = new Encoded(spec.key)
  }

  process(record: Slot): void {
    if (record.keyIsNull) {
      this.#counters.dropped += 1
      return
    }
    const value = record.value()
    const to = value === null ? undefined : this.#foreignKeyOf.of(value, record)
    const from = record.old === null ? undefined : this.#foreignKeyOf.again(record.old, record)
    let hash: Uint8Array = noHash
    try {
      this.#key.takeKey(record)
      // Bytes as they came may say the same in another way than those that are made of the row.
      if (to !== undefined) hash = murmur3(this.#spec.value.serialize(value))
    } catch (cause) {
      this.#failures.meet('SERIALIZATION_FAILED', record, cause)
      return
    }
    const moved = from !== undefined && (to === undefined || compareBytes(from, to) !== 0)
    if (moved) this.#send(record, from, hash, true)
    if (to !== undefined) this.#send(record, to, hash, false)
    else this.#tell(record, value)
  }

  #foreignKey(value: unknown, key: unknown): Uint8Array | undefined {
    const foreign = this.#spec.foreignKeyOf(value, key)
    if (foreign === null || foreign === undefined) return undefined
    return this.#spec.foreignKey.serialize(foreign)
  }

  #send(record: Slot, foreignKey: Uint8Array, hash: Uint8Array, ends: boolean): void {
    const { bytes, start, end } = this.#key
    const out = this.#out
    out.follow(record)
    out.setRawKey(this.#spec.foreignKey, foreignKey, 0, foreignKey.length)
    out.setValue({ ends, hash, key: bytes.slice(start, end), partition: record.partition })
    this.#subscriptions.process(out)
  }

  #tell(record: Slot, value: unknown): void {
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.setValue(value === null ? null : this.#fn.of(value, null, record))
    this.#results.process(out)
  }
}
