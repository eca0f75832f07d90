import type { Failures } from './failures.ts'
import type { Slot } from './slot.ts'
import type { OperatorSpec } from './spec.ts'
import type { Step } from './step.ts'

type SplitSpec = Extract<OperatorSpec, { kind: 'split' }>

/** Sends each record to the first branch whose predicate holds; `rest` always does. */
export class SplitStep implements Step {
  readonly #branches: SplitSpec['branches']
  readonly #failures: Failures
  readonly #nexts: readonly Step[]

  /** @param nexts One for each branch. */
  constructor(spec: SplitSpec, failures: Failures, nexts: readonly Step[]) {
    this.#branches = spec.branches
    this.#failures = failures
    this.#nexts = nexts
  }

  process(record: Slot): void {
    let branch: number
    try {
      branch = this.#choose(record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    this.#nexts[branch]?.process(record)
  }

  #choose(record: Slot): number {
    const value = record.value()
    const key = record.key()
    for (let index = 0; index < this.#branches.length; index += 1) {
      const predicate = this.#branches[index]?.predicate
      if (predicate === 'rest' || Boolean(predicate?.(value, key, record))) return index
    }
    return -1
  }
}
