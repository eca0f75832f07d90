import type { Failures } from './failures.ts'
import { seesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

/** A new key for each record; the value stays as it is, bytes included. */
export class SelectKeyStep implements Step {
  readonly #fn: Extract<OperatorSpec, { kind: 'select-key' }>['fn']
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()

  constructor(spec: Extract<OperatorSpec, { kind: 'select-key' }>, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    let key: unknown
    try {
      key = this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    out.setKey(key)
    out.takeValue(record)
    this.#next.process(out)
  }
}
