import type { Failures } from '../failures.ts'
import { seesKey } from '../reads-key.ts'
import type { Slot } from '../slot.ts'
import type { ErasedRowFn } from './spec.ts'

/**
 * A user's function of a table's rows. Where the policy goes on, a row whose function throws is
 * none: what a change says of the row before agrees with it then, and so do look-ups.
 */
export class RowFunction<R> {
  readonly #fn: ErasedRowFn<R>
  readonly #seesKey: boolean
  readonly #failures: Failures

  /** @param written What its author wrote: says whether it reads the key. */
  constructor(fn: ErasedRowFn<R>, failures: Failures, written: ErasedRowFn<unknown> = fn) {
    this.#fn = fn
    this.#seesKey = seesKey(written)
    this.#failures = failures
  }

  /** Of a change's new row; undefined where it threw, which was reported. */
  of(value: unknown, record: Slot): R | undefined {
    try {
      return this.#fn(value, this.#seesKey ? record.key() : undefined)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return undefined
    }
  }

  /** Of a row that was told before: a failure was reported then. */
  again(value: unknown, record: Slot): R | undefined {
    try {
      return this.#fn(value, this.#seesKey ? record.key() : undefined)
    } catch (cause) {
      if (this.#failures.fatal) this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return undefined
    }
  }
}
