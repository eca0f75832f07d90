import type { Failures } from './failures.ts'
import { seesKey } from './reads-key.ts'
import type { Slot } from './slot.ts'
import type { OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

/**
 * Shows each record to a function and passes it on. Under skip and dead-letter a record that fails
 * goes no further.
 */
export class PeekStep implements Step {
  readonly #fn: Extract<OperatorSpec, { kind: 'peek' }>['fn']
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step

  constructor(spec: Extract<OperatorSpec, { kind: 'peek' }>, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    try {
      this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    this.#next.process(record)
  }
}
