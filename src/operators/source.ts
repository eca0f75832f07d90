import type { RecordContext } from './record.ts'
import type { Failures } from './failures.ts'
import type { Slot } from './slot.ts'

/**
 * What the operators behind a source read as objects: decoded before the first of them runs, else
 * never.
 */
export interface Demand {
  readonly key: boolean
  readonly value: boolean
}

export interface SourceOptions {
  readonly timestamp: ((value: unknown, record: RecordContext) => number) | undefined
  readonly demand: Demand
}

/**
 * Makes a raw record fit for the operators: decoded as far as they need it, and timestamped. Since
 * that happens before any operator runs, a record that is skipped or buried here has no effect at
 * all.
 */
export class SourceGate {
  readonly #options: SourceOptions
  readonly #failures: Failures

  constructor(options: SourceOptions, failures: Failures) {
    this.#options = options
    this.#failures = failures
  }

  /** False when the record is left out. */
  admit(record: Slot): boolean {
    const { demand, timestamp } = this.#options
    try {
      if (demand.value) record.value()
      if (demand.key) record.key()
    } catch (cause) {
      this.#failures.meet('DESERIALIZATION_FAILED', record, cause)
      return false
    }
    if (timestamp !== undefined && !this.#stamp(record, timestamp)) return false
    if (record.timestamp >= 0) return true
    const found = new RangeError(`${record.timestamp} is before 1970, or no time was given`)
    this.#failures.meet('INVALID_TIMESTAMP', record, found)
    return false
  }

  #stamp(record: Slot, timestamp: NonNullable<SourceOptions['timestamp']>): boolean {
    try {
      record.timestamp = timestamp(record.value(), record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return false
    }
    if (Number.isSafeInteger(record.timestamp)) return true
    const found = new RangeError(`${record.timestamp} is not whole milliseconds since 1970`)
    this.#failures.meet('INVALID_TIMESTAMP', record, found)
    return false
  }
}
