import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import type { Rows } from './rows.ts'

/** Keeps the rows of a join, as Kafka Streams' KTableKTableJoinMerger with a store. */
export class TableMergeStep implements Step {
  readonly #rows: Rows
  readonly #tellsAbsence: boolean
  readonly #next: Step
  readonly #out = new Slot()

  /** @param tellsAbsence False: that a row still is not there is not told. */
  constructor(rows: Rows, tellsAbsence: boolean, next: Step) {
    this.#rows = rows
    this.#tellsAbsence = tellsAbsence
    this.#next = next
  }

  process(record: Slot): void {
    const rows = this.#rows
    if (!rows.find(record)) return
    const { old } = rows
    const value = record.value()
    if (value === null && old === null && !this.#tellsAbsence) return
    rows.put(value, record.timestamp)
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.takeValue(record)
    out.old = old
    this.#next.process(out)
  }
}
