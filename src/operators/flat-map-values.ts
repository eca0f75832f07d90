import type { Failures } from './failures.ts'
import { listOf } from './list-of.ts'
import { seesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

type FlatMapValuesSpec = Extract<OperatorSpec, { kind: 'flat-map-values' }>

/** Any number of values for each record, all with its key. */
export class FlatMapValuesStep implements Step {
  readonly #fn: FlatMapValuesSpec['fn']
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()

  constructor(spec: FlatMapValuesSpec, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    let values: readonly unknown[]
    try {
      values = listOf(this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record))
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    for (const value of values) {
      out.setValue(value)
      this.#next.process(out)
    }
  }
}
