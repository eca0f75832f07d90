import type { Failures } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { RowFunction } from './row-function.ts'
import type { Rows } from './rows.ts'
import type { TableFilterSpec } from './spec.ts'

/**
 * A table of the rows that a predicate lets through, as Kafka Streams' KTableFilter: a row that is
 * let through no longer is deleted, and what neither was there nor is there now is not told.
 */
export class TableFilterStep implements Step {
  readonly #fn: RowFunction<boolean>
  readonly #wanted: boolean
  /** Undefined: the old row follows from the old value. */
  readonly #rows: Rows | undefined
  readonly #readsOld: boolean
  /** What was told before may not be what was there before: nothing is spared. */
  readonly #versioned: boolean
  readonly #next: Step
  readonly #out = new Slot()

  constructor(
    spec: TableFilterSpec,
    rows: Rows | undefined,
    { readsOld, versioned }: { readonly readsOld: boolean; readonly versioned: boolean },
    failures: Failures,
    next: Step,
  ) {
    this.#fn = new RowFunction(spec.fn, failures)
    this.#wanted = !spec.negated
    this.#rows = rows
    this.#readsOld = readsOld
    this.#versioned = versioned
    this.#next = next
  }

  process(record: Slot): void {
    const value = record.value()
    const passes = value !== null && this.#passes(this.#fn.of(value, record))
    const rows = this.#rows
    if (rows === undefined) {
      const old = this.#readsOld ? this.#oldOf(record) : null
      if (this.#readsOld && !this.#versioned && !passes && old === null) return
      this.#emit(record, passes, old)
      return
    }
    if (!rows.find(record)) return
    const { old } = rows
    if (!passes && old === null) return
    rows.put(passes ? value : null, record.timestamp)
    this.#emit(record, passes, old)
  }

  /** A predicate that threw lets nothing through, negated or not. */
  #passes(matches: boolean | undefined): boolean {
    if (matches === undefined) return false
    return matches ? this.#wanted : !this.#wanted
  }

  #oldOf(record: Slot): unknown {
    const { old } = record
    return old !== null && this.#passes(this.#fn.again(old, record)) ? old : null
  }

  #emit(record: Slot, passes: boolean, old: unknown): void {
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    if (passes) out.takeValue(record)
    else out.setValue(null)
    out.old = old
    out.superseded = record.superseded
    this.#next.process(out)
  }
}
