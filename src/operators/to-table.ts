import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import type { Failures, TaskScope } from './failures.ts'
import { Slot } from './slot.ts'
import type { Emit } from './spec.ts'
import type { Step } from './step.ts'
import { keepCopy } from './table/keep-copy.ts'
import { sameValue } from './table/same-value.ts'
import { StoreKey } from './store-key.ts'

export interface ToTableOptions {
  readonly emit: Emit
  /** Each change says the value before. */
  readonly sendsOld: boolean
  /** Values may be an aggregate that is changed in place later: objects are copied. */
  readonly copies: boolean
}

/** Keeps the last value of each key; a null value deletes. A record without a key is left out. */
export class ToTableStep implements Step {
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #emits: boolean
  readonly #changesOnly: boolean
  readonly #sendsOld: boolean
  readonly #copies: boolean
  readonly #next: Step
  readonly #key: StoreKey
  readonly #out = new Slot()

  constructor(
    { emit, sendsOld, copies }: ToTableOptions,
    store: EpochBuffer<ObjectColumn>,
    scope: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#store = store
    this.#emits = emit !== 'commit'
    this.#changesOnly = emit === 'change'
    this.#sendsOld = sendsOld
    this.#copies = copies
    this.#next = next
    this.#key = new StoreKey(store, scope, failures)
  }

  process(record: Slot): void {
    const entry = this.#key.entryOf(record)
    if (entry < 0) return
    const value = record.value()
    const { column, spec } = this.#store
    if (this.#changesOnly && sameValue(spec.value, column.read(entry), value)) return
    const sendsOld = this.#sendsOld && this.#emits
    const old = sendsOld ? (column.read(entry) ?? null) : null
    this.#store.touch(entry, record.timestamp)
    if (this.#copies) keepCopy(this.#store, entry, value)
    else column.set(entry, value)
    if (sendsOld) this.#sendChange(record, old)
    else if (this.#emits) this.#next.process(record)
  }

  #sendChange(record: Slot, old: unknown): void {
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.takeValue(record)
    out.old = old
    this.#next.process(out)
  }
}
