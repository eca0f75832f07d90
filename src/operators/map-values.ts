import type { Failures } from './failures.ts'
import { seesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

/** A new value for each record; the key stays as it is, bytes included. */
export class MapValuesStep implements Step {
  readonly #fn: Extract<OperatorSpec, { kind: 'map-values' }>['fn']
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()

  constructor(spec: Extract<OperatorSpec, { kind: 'map-values' }>, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    let value: unknown
    try {
      value = this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.setValue(value)
    this.#next.process(out)
  }
}
