import { Encoded } from './encoded.ts'
import type { Failures, TaskScope } from './failures.ts'
import { reducerSeesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { JoinSpec } from './spec.ts'
import type { Step } from './step.ts'
import type { TableView } from './table/view.ts'

/**
 * Joins each record with what the table has of its key at that moment; changes of the table emit
 * nothing. As Kafka Streams' KStreamKTableJoin: a record without a value is left out, one without a
 * key too, but for a left join (KIP-962), and what comes out has the record's time. A versioned
 * table is asked what it had at the record's time (KIP-914).
 */
export class StreamTableJoinStep implements Step {
  readonly #table: TableView
  readonly #isLeft: boolean
  readonly #fn: JoinSpec['fn']
  readonly #seesKey: boolean
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #out = new Slot()

  constructor(
    spec: JoinSpec,
    table: TableView,
    { counters }: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#table = table
    this.#isLeft = spec.side === 'left'
    this.#fn = spec.fn
    this.#seesKey = reducerSeesKey(spec.fn)
    this.#counters = counters
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.table.key)
  }

  process(record: Slot): void {
    if (record.valueIsNull || (record.keyIsNull && !this.#isLeft)) {
      this.#counters.dropped += 1
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    const row = key.start < 0 ? null : this.#table.readAt(key, record, record.timestamp)
    if (row === null && !this.#isLeft) return
    this.#join(record, row)
  }

  #join(record: Slot, right: unknown): void {
    let joined: unknown
    try {
      joined = this.#fn(record.value(), right, this.#seesKey ? record.key() : undefined)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.setValue(joined)
    this.#next.process(out)
  }
}
