import { reducerSeesKey } from '../reads-key.ts'
import type { Failures } from '../failures.ts'
import type { Slot } from '../slot.ts'
import type { RowJoiner, TableJoinKind } from './spec.ts'

/** The row that a join has for two rows, null for none; see `RowFunction` for what throws. */
export class JoinFunction {
  readonly #join: TableJoinKind
  readonly #fn: RowJoiner
  readonly #seesKey: boolean
  readonly #failures: Failures

  constructor(join: TableJoinKind, fn: RowJoiner, failures: Failures) {
    this.#join = join
    this.#fn = fn
    this.#seesKey = reducerSeesKey(fn)
    this.#failures = failures
  }

  /** Of a change: a failure is reported. */
  of(left: unknown, right: unknown, record: Slot): unknown {
    return this.#row(left, right, record, true)
  }

  /** Of what was told before. */
  again(left: unknown, right: unknown, record: Slot): unknown {
    return this.#row(left, right, record, this.#failures.fatal)
  }

  #row(left: unknown, right: unknown, record: Slot, reports: boolean): unknown {
    if (left === null && (right === null || this.#join !== 'outer')) return null
    if (right === null && this.#join === 'inner') return null
    try {
      return this.#fn(left, right, this.#seesKey ? record.key() : undefined) ?? null
    } catch (cause) {
      if (reports) this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return null
    }
  }
}
