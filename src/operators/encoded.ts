import { murmur2 } from '../model/murmur2.ts'
import type { Serde } from '../serde/serde.ts'
import { WriteTarget } from '../serde/target.ts'
import type { Failures } from './failures.ts'
import type { Slot } from './slot.ts'

const noBytes = new Uint8Array(0)

/**
 * Bytes of a record's key or value as one serde writes them: those of the slot where they are the
 * serde's own, else new ones. One for each use of a step, filled again for each record.
 */
export class Encoded {
  bytes: Uint8Array = noBytes
  /** −1 for null. */
  start = -1
  end = -1
  /** murmur2, of keys only. */
  hash = 0
  readonly #serde: Serde<unknown>
  readonly #target = new WriteTarget()

  constructor(serde: Serde<unknown>) {
    this.#serde = serde
  }

  /** @throws what the serde throws. */
  takeKey(record: Slot): void {
    if (record.keyIn(this.#serde)) {
      this.bytes = record.keyBytes
      this.start = record.keyStart
      this.end = record.keyEnd
      if (this.start >= 0) this.hash = record.keyHash()
      return
    }
    this.#serialize(record.key())
    if (this.start >= 0) this.hash = murmur2(this.bytes, this.start, this.end)
  }

  /** As `takeKey`; false where that fails: the record is left out then, as the policy says. */
  tryKey(record: Slot, failures: Failures): boolean {
    try {
      this.takeKey(record)
      return true
    } catch (cause) {
      failures.meet('SERIALIZATION_FAILED', record, cause)
      return false
    }
  }

  /** The bytes are good until the next value. @throws what the serde throws. */
  takeValue(record: Slot): void {
    if (record.valueIn(this.#serde)) {
      this.bytes = record.valueBytes
      this.start = record.valueStart
      this.end = record.valueEnd
      return
    }
    const serde = this.#serde
    const value = record.value()
    if (value === null || serde.write === undefined) {
      this.#serialize(value)
      return
    }
    const target = this.#target
    serde.write(value, target)
    this.bytes = target.bytes
    this.start = 0
    this.end = target.end
  }

  #serialize(value: unknown): void {
    if (value === null) {
      this.start = -1
      this.end = -1
      return
    }
    this.bytes = this.#serde.serialize(value)
    this.start = 0
    this.end = this.bytes.length
  }
}
