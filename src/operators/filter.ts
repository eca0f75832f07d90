import type { Failures } from './failures.ts'
import { seesKey } from './reads-key.ts'
import type { Slot } from './slot.ts'
import type { OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

/** Lets records through, unchanged. */
export class FilterStep implements Step {
  readonly #fn: Extract<OperatorSpec, { kind: 'filter' }>['fn']
  readonly #seesKey: boolean
  readonly #wanted: boolean
  readonly #failures: Failures
  readonly #next: Step

  constructor(spec: Extract<OperatorSpec, { kind: 'filter' }>, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#wanted = !spec.negated
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    let matches: boolean
    try {
      matches = this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    // Predicates written in JavaScript may answer anything truthy.
    const passes = matches ? this.#wanted : !this.#wanted
    if (passes) this.#next.process(record)
  }
}
