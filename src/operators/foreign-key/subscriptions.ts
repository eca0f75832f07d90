import { assert } from '../../model/errors.ts'
import { murmur2 } from '../../model/murmur2.ts'
import type { Serde } from '../../serde/serde.ts'
import { combined, isSubscription, type Subscription } from '../../serde/subscriptions.ts'
import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import { behindPrefix } from '../../state/key-bounds.ts'
import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import type { TableView } from '../table/view.ts'
import type { ForeignRowsSpec, SubscriptionsSpec } from './spec.ts'

/**
 * The other table's side of a foreign-key join: keeps subscriptions, and answers each with the row
 * that it is for, at the later time of the two. Kafka Streams' SubscriptionReceive- and
 * SubscriptionJoinProcessorSupplier.
 */
export class SubscriptionsStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #other: TableView
  readonly #failures: Failures
  readonly #answers: Answers
  readonly #foreignKey: Encoded

  constructor(
    spec: SubscriptionsSpec,
    store: EpochBuffer<ObjectColumn>,
    other: TableView,
    failures: Failures,
    next: Step,
  ) {
    this.#store = store
    this.#other = other
    this.#failures = failures
    this.#answers = new Answers(spec.key, next)
    this.#foreignKey = new Encoded(spec.other.key)
  }

  process(record: Slot): void {
    const subscription = record.value()
    assert(isSubscription(subscription), 'the topic of subscriptions has nothing else')
    const foreign = this.#foreignKey
    if (!foreign.tryKey(record, this.#failures)) return
    const key = combined(foreign.bytes.subarray(foreign.start, foreign.end), subscription.key)
    const entry = this.#store.entryOf(key, 0, key.length, murmur2(key, 0, key.length))
    this.#store.touch(entry, record.timestamp)
    this.#store.column.set(entry, subscription.ends ? null : subscription)
    if (subscription.ends) return
    const row = this.#other.read(foreign, record)
    const time = row === null ? record.timestamp : Math.max(record.timestamp, this.#other.time)
    this.#answers.send(subscription, row, record, time)
  }
}

/** The changes of the other table: each goes to all who point to its row. */
export class ForeignRowsStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #failures: Failures
  readonly #answers: Answers
  readonly #foreignKey: Encoded

  constructor(
    spec: ForeignRowsSpec,
    store: EpochBuffer<ObjectColumn>,
    failures: Failures,
    next: Step,
  ) {
    this.#store = store
    this.#failures = failures
    this.#answers = new Answers(spec.key, next)
    this.#foreignKey = new Encoded(spec.foreignKey)
  }

  process(record: Slot): void {
    const foreign = this.#foreignKey
    if (!foreign.tryKey(record, this.#failures)) return
    if (foreign.start < 0) return
    const from = combined(foreign.bytes.subarray(foreign.start, foreign.end))
    const row = record.value()
    for (const entry of this.#store.scan(from, behindPrefix(from))) {
      const subscription = this.#store.column.read(entry)
      assert(isSubscription(subscription), 'the store of subscriptions has nothing else')
      this.#answers.send(subscription, row, record, record.timestamp)
    }
  }
}

/** Sends rows back to those who asked for them, in the bytes of their keys. */
class Answers {
  readonly #key: Serde<unknown>
  readonly #next: Step
  readonly #out = new Slot()

  constructor(key: Serde<unknown>, next: Step) {
    this.#key = key
    this.#next = next
  }

  send({ hash, key, partition }: Subscription, row: unknown, record: Slot, time: number): void {
    const out = this.#out
    out.follow(record)
    out.timestamp = time
    out.setRawKey(this.#key, key, 0, key.length)
    out.setValue({ hash, row, partition })
    this.#next.process(out)
  }
}
