import type { WriteTarget } from './target.ts'

/** Bytes ↔ values, synchronously. A null value (a tombstone) never reaches a serde. */
export interface Serde<T> {
  /** Shown in `explain` and in errors: `string`, `json`, … */
  readonly name: string
  /**
   * Of keys: bytes at their end that do not decide the partition, as a window's start, so that all
   * windows of a key are in one. @default 0
   */
  readonly keySuffixBytes?: number
  /**
   * The bytes belong to the caller; the serde keeps no reference.
   * @throws StreamError `SERIALIZATION_FAILED` for a value that the format has no bytes for.
   */
  serialize(value: T): Uint8Array
  /**
   * Writes what `serialize` answers into memory that is used again for the next value. A sink
   * takes it in place of `serialize` where a serde has it.
   * @throws StreamError as `serialize`.
   */
  write?(value: T, to: WriteTarget): void
  /**
   * The bytes are a view that is only valid during the call: copy what is kept.
   * @throws StreamError `DESERIALIZATION_FAILED` for bytes that the format does not know.
   */
  deserialize(bytes: Uint8Array): T
}
