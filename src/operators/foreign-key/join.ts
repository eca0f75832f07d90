import { assert } from '../../model/errors.ts'
import { murmur3 } from '../../model/murmur3.ts'
import { isAnswer } from '../../serde/subscriptions.ts'
import { compareBytes } from '../../state/byte-slabs.ts'
import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { JoinFunction } from '../table/join-function.ts'
import type { TableView } from '../table/view.ts'
import type { ForeignKeyJoinSpec } from './spec.ts'

/**
 * Joins answers with the rows that they are for. An answer to a row that has changed since is left
 * out: there is another one on its way. Kafka Streams' ResponseJoinProcessorSupplier.
 */
export class ForeignKeyJoinStep implements Step {
  readonly #spec: ForeignKeyJoinSpec
  readonly #left: TableView
  readonly #fn: JoinFunction
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #out = new Slot()

  constructor(spec: ForeignKeyJoinSpec, left: TableView, failures: Failures, next: Step) {
    this.#spec = spec
    this.#left = left
    this.#fn = new JoinFunction(spec.join, spec.fn, failures)
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.left.key)
  }

  process(record: Slot): void {
    const answer = record.value()
    assert(isAnswer(answer), 'the topic of answers has nothing else')
    const key = this.#key
    key.takeKey(record)
    const row = key.start < 0 ? null : this.#left.read(key, record)
    if (row === null || !this.#isStill(row, answer.hash, record)) return
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.setValue(this.#fn.of(row, answer.row, record))
    this.#next.process(out)
  }

  #isStill(row: unknown, hash: Uint8Array, record: Slot): boolean {
    try {
      return compareBytes(murmur3(this.#spec.value.serialize(row)), hash) === 0
    } catch (cause) {
      this.#failures.meet('SERIALIZATION_FAILED', record, cause)
      return false
    }
  }
}
