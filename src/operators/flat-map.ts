import type { Failures } from './failures.ts'
import { listOf } from './list-of.ts'
import { pairOf } from './pair.ts'
import { seesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { KeyValue, OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

/** Any number of keys and values for each record. */
export class FlatMapStep implements Step {
  readonly #fn: Extract<OperatorSpec, { kind: 'flat-map' }>['fn']
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()

  constructor(spec: Extract<OperatorSpec, { kind: 'flat-map' }>, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    let pairs: readonly KeyValue[]
    try {
      pairs = listOf(this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record))
      for (const pair of pairs) pairOf(pair)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    for (const [key, value] of pairs) {
      out.setKey(key)
      out.setValue(value)
      this.#next.process(out)
    }
  }
}
