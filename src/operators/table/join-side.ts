import { Encoded } from '../encoded.ts'
import type { Failures, TaskScope } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { JoinFunction } from './join-function.ts'
import { keepsRows, type TableJoinSideSpec } from './spec.ts'
import type { TableView } from './view.ts'

/**
 * The changes of one side of a join, each with what the other side has of the key. As Kafka
 * Streams' KTableKTableInnerJoin, …LeftJoin, …RightJoin and …OuterJoin: the time of a row is the
 * later of the two that it is made of.
 */
export class TableJoinSideStep implements Step {
  readonly #other: TableView
  readonly #isLeft: boolean
  readonly #keepsRows: boolean
  readonly #sendsOld: boolean
  readonly #fn: JoinFunction
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #out = new Slot()

  constructor(
    spec: TableJoinSideSpec,
    other: TableView,
    sendsOld: boolean,
    { counters }: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#other = other
    this.#isLeft = spec.side === 'left'
    this.#keepsRows = keepsRows(spec)
    this.#sendsOld = sendsOld
    this.#fn = new JoinFunction(spec.join, spec.fn, failures)
    this.#counters = counters
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.other.key)
  }

  process(record: Slot): void {
    if (record.keyIsNull) {
      this.#counters.dropped += 1
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    const other = this.#other.read(key, record)
    const own = record.value()
    if (other === null && !(this.#keepsRows && (own !== null || record.old !== null))) return
    const out = this.#out
    out.follow(record)
    if (other !== null) out.timestamp = Math.max(record.timestamp, this.#other.time)
    out.takeKey(record)
    out.setValue(this.#isLeft ? this.#fn.of(own, other, record) : this.#fn.of(other, own, record))
    out.old = this.#sendsOld ? this.#oldOf(record, other) : null
    this.#next.process(out)
  }

  #oldOf(record: Slot, other: unknown): unknown {
    const { old } = record
    return this.#isLeft ? this.#fn.again(old, other, record) : this.#fn.again(other, old, record)
  }
}
