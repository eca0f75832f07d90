import type { Failures } from './failures.ts'
import { pairOf } from './pair.ts'
import { seesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { KeyValue, OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

/** A new key and value for each record. */
export class MapStep implements Step {
  readonly #fn: Extract<OperatorSpec, { kind: 'map' }>['fn']
  readonly #seesKey: boolean
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()

  constructor(spec: Extract<OperatorSpec, { kind: 'map' }>, failures: Failures, next: Step) {
    this.#fn = spec.fn
    this.#seesKey = seesKey(spec.fn)
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    let pair: KeyValue
    try {
      pair = pairOf(this.#fn(record.value(), this.#seesKey ? record.key() : undefined, record))
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    out.setKey(pair[0])
    out.setValue(pair[1])
    this.#next.process(out)
  }
}
