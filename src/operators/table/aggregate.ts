import { assert, assertNever } from '../../model/errors.ts'
import { isChange } from '../../serde/changes.ts'
import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { Failures, TaskScope } from '../failures.ts'
import { reducerSeesKey } from '../reads-key.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { StoreKey } from '../store-key.ts'
import { sameValue } from './same-value.ts'
import type { RowAggregation, TableAggregateSpec } from './spec.ts'

type Fold = (aggregate: unknown, value: unknown, key: unknown) => unknown

/**
 * Folds the rows of a group, as Kafka Streams' KTableAggregate and KTableReduce: of a change, the
 * old row is taken back first and the new one added then. Functions may change the aggregate in
 * place; null or undefined deletes it.
 */
export class TableAggregateStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #emits: boolean
  readonly #changesOnly: boolean
  readonly #sendsOld: boolean
  readonly #add: Fold
  readonly #subtract: Fold
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: StoreKey
  readonly #out = new Slot()

  constructor(
    spec: TableAggregateSpec,
    { store, sendsOld }: { readonly store: EpochBuffer<ObjectColumn>; readonly sendsOld: boolean },
    scope: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#store = store
    this.#emits = spec.emit !== 'commit'
    this.#changesOnly = spec.emit === 'change'
    this.#sendsOld = sendsOld && this.#emits
    this.#add = adderOf(spec.function)
    this.#subtract = subtractorOf(spec.function)
    this.#seesKey = rowsSeeKey(spec.function)
    this.#failures = failures
    this.#next = next
    this.#key = new StoreKey(store, scope, failures)
  }

  process(record: Slot): void {
    const entry = this.#key.entryToFold(record)
    if (entry < 0) return
    const { column } = this.#store
    const before = this.#failures.fatal ? undefined : column.snapshot(entry)
    const says = this.#sendsOld || this.#changesOnly
    const old = says ? column.copy(entry) : undefined
    const had = column.read(entry) !== undefined
    let aggregate: unknown
    try {
      aggregate = this.#fold(column.read(entry), record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      if (!this.#failures.fatal) column.resume(entry, before)
      return
    }
    if (this.#changesOnly && sameValue(this.#store.spec.value, old, aggregate)) {
      column.set(entry, aggregate)
      return
    }
    const time = had ? Math.max(this.#store.timeOf(entry), record.timestamp) : record.timestamp
    this.#store.touch(entry, time)
    column.set(entry, aggregate)
    if (this.#emits) this.#emit(record, aggregate, old ?? null, time)
  }

  #fold(present: unknown, record: Slot): unknown {
    const change = record.value()
    assert(isChange(change), 'what a grouped table sends are changes')
    const key = this.#seesKey ? record.key() : undefined
    let aggregate = present
    if (change.old !== null && aggregate !== undefined) {
      aggregate = this.#subtract(aggregate, change.old, key) ?? undefined
    }
    return change.value === null ? aggregate : this.#add(aggregate, change.value, key)
  }

  #emit(record: Slot, aggregate: unknown, old: unknown, time: number): void {
    const out = this.#out
    out.origin = record.origin
    out.timestamp = time
    out.takeKey(record)
    out.setValue(aggregate)
    out.old = old
    this.#next.process(out)
  }
}

function adderOf(rows: RowAggregation): Fold {
  switch (rows.kind) {
    case 'count':
      return (count) => (typeof count === 'number' ? count : 0) + 1
    case 'reduce':
      return (aggregate, value, key) =>
        aggregate === undefined ? value : rows.add(aggregate, value, key)
    case 'aggregate':
      return (aggregate, value, key) =>
        rows.add(aggregate === undefined ? rows.init() : aggregate, value, key)
    default:
      return assertNever(rows)
  }
}

function subtractorOf(rows: RowAggregation): Fold {
  if (rows.kind !== 'count') return rows.subtract
  return (count) => (typeof count === 'number' ? count : 0) - 1
}

/** True when a function of the aggregation may read the key as an object. */
export function rowsSeeKey(rows: RowAggregation): boolean {
  return rows.kind !== 'count' && (reducerSeesKey(rows.add) || reducerSeesKey(rows.subtract))
}
