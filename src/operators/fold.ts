import { assertNever } from '../model/errors.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import type { Failures, TaskScope } from './failures.ts'
import { reducerSeesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { AggregateFunction, AggregateSpec } from './spec.ts'
import type { Step } from './step.ts'
import { StoreKey } from './store-key.ts'
import { sameValue } from './table/same-value.ts'

/** The next aggregate; undefined stands for no aggregate yet. */
export type Add = (aggregate: unknown, value: unknown, key: unknown) => unknown

/**
 * `reduce` and `aggregate` (and a `count` whose store has a serde of its own): folds the records of
 * a key into one value. The function may change its aggregate in place. Operators behind it see the
 * live aggregate during their call.
 */
export class FoldStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #spec: AggregateSpec
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: StoreKey
  readonly #add: Add
  readonly #seesKey: boolean
  readonly #sendsOld: boolean
  readonly #changesOnly: boolean
  readonly #out = new Slot()

  constructor(
    spec: AggregateSpec,
    store: EpochBuffer<ObjectColumn>,
    scope: TaskScope,
    failures: Failures,
    next: Step,
    sendsOld = false,
  ) {
    this.#spec = spec
    this.#store = store
    this.#failures = failures
    this.#next = next
    this.#key = new StoreKey(store, scope, failures)
    this.#add = adderOf(spec.function)
    this.#seesKey = foldSeesKey(spec.function)
    this.#sendsOld = sendsOld && spec.emit !== 'commit'
    this.#changesOnly = spec.emit === 'change'
  }

  /**
   * As in Kafka Streams, a record without a key or value is left out, and a null aggregate deletes
   * the key.
   */
  process(record: Slot): void {
    const entry = this.#key.entryToFold(record)
    if (entry < 0) return
    const store = this.#store
    // A function may have changed its aggregate in place before it threw: keep the way back where
    // the epoch goes on.
    const before = this.#failures.fatal ? undefined : store.column.snapshot(entry)
    // The same for what a change says of it.
    const says = this.#sendsOld || this.#changesOnly
    const old = says ? store.column.copy(entry) : undefined
    let value: unknown
    const present = store.column.read(entry)
    // What was deleted has no time any more.
    const isNew = present === undefined
    try {
      const typedKey = this.#seesKey ? record.key() : undefined
      value = this.#add(present, record.value(), typedKey)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      if (!this.#failures.fatal) store.column.resume(entry, before)
      return
    }
    if (this.#changesOnly && sameValue(store.spec.value, old, value)) {
      store.column.set(entry, value)
      return
    }
    const time = isNew ? record.timestamp : Math.max(store.timeOf(entry), record.timestamp)
    store.touch(entry, time)
    store.column.set(entry, value)
    if (this.#spec.emit !== 'commit') this.#emit(record, value, old ?? null, time)
  }

  #emit(record: Slot, value: unknown, old: unknown, time: number): void {
    const out = this.#out
    out.origin = record.origin
    out.timestamp = time
    out.takeKey(record)
    out.setValue(value)
    out.old = old
    this.#next.process(out)
  }
}

export function adderOf(fold: AggregateFunction): Add {
  switch (fold.kind) {
    case 'count':
      return (count) => (typeof count === 'number' ? count : 0) + 1
    case 'reduce':
      return (aggregate, value, key) =>
        aggregate === undefined ? value : fold.fn(aggregate, value, key)
    case 'aggregate':
      return (aggregate, value, key) =>
        fold.add(aggregate === undefined ? fold.init() : aggregate, value, key)
    default:
      return assertNever(fold)
  }
}

/** True when the function of the aggregation may read the key as an object. */
export function foldSeesKey(fold: AggregateFunction): boolean {
  switch (fold.kind) {
    case 'count':
      return false
    case 'reduce':
      return reducerSeesKey(fold.fn)
    case 'aggregate':
      return reducerSeesKey(fold.add)
    default:
      return assertNever(fold)
  }
}
