import type { Failures } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { RowFunction } from './row-function.ts'
import type { Rows } from './rows.ts'
import type { TableMapValuesSpec } from './spec.ts'

/** A table with other values, as Kafka Streams' KTableMapValues. */
export class TableMapValuesStep implements Step {
  readonly #fn: RowFunction<unknown>
  /** Undefined: the old row follows from the old value. */
  readonly #rows: Rows | undefined
  readonly #sendsOld: boolean
  readonly #next: Step
  readonly #out = new Slot()

  constructor(
    spec: TableMapValuesSpec,
    rows: Rows | undefined,
    sendsOld: boolean,
    failures: Failures,
    next: Step,
  ) {
    this.#fn = new RowFunction(spec.fn, failures)
    this.#rows = rows
    this.#sendsOld = sendsOld
    this.#next = next
  }

  process(record: Slot): void {
    const from = record.value()
    const value = from === null ? null : (this.#fn.of(from, record) ?? null)
    const rows = this.#rows
    if (rows === undefined) {
      this.#emit(record, value, this.#sendsOld ? this.#oldOf(record) : null)
      return
    }
    if (!rows.find(record)) return
    const { old } = rows
    rows.put(value, record.timestamp)
    this.#emit(record, value, old)
  }

  #oldOf(record: Slot): unknown {
    return record.old === null ? null : (this.#fn.again(record.old, record) ?? null)
  }

  #emit(record: Slot, value: unknown, old: unknown): void {
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.setValue(value)
    out.old = old
    out.superseded = record.superseded
    this.#next.process(out)
  }
}
