import type { EntryTable } from './entry-table.ts'
import type { UndoLog } from './undo-log.ts'

/**
 * The values of an epoch buffer: a live value for each entry, and its payload, two words beside the
 * key that the undo log keeps.
 */
export interface ValueColumn {
  /**
   * The bytes that `stage`, `encode` and `encodePayload` answered with; valid until the next call.
   */
  readonly bytes: Uint8Array
  /** −1 for an absent value. */
  readonly start: number
  readonly end: number
  /** True: a value that was loaded is made from its bytes by the first `read`, which may throw. */
  readonly sleeps: boolean

  /** Memory of the values' bytes. */
  readonly usedBytes: number

  /** Once, before anything else: the table whose entries these are. */
  attach(table: EntryTable): void
  /** The table has memory for more entries. */
  grow(capacity: number): void

  /** Makes a new entry absent. */
  begin(entry: number): void
  /** Reads what `read` of these entries will read beside the table; below 0 stands for none. */
  warm?(entries: Int32Array, count: number): void
  /** Gives an entry without changes a committed value. */
  load(entry: number, bytes: Uint8Array, start: number, end: number): void
  /** The live value itself, undefined when absent. @throws what the serde throws. */
  read(entry: number): unknown
  /** A copy of the live value. */
  copy(entry: number): unknown

  /** Makes the live value the payload, and answers its bytes. @throws what the serde throws. */
  stage(entry: number): void
  /** True when what was staged last is what a payload of an undo log says. */
  stagedIs(words: Int32Array, at: number): boolean
  /** Answers the bytes of what was staged or loaded last. */
  encode(entry: number): void
  /** As `encode`, of a payload in a table or an undo log. */
  encodePayload(words: Int32Array, at: number): void
  /** A copy of the value of such a payload. @throws what the serde throws. */
  decodePayload(words: Int32Array, at: number): unknown

  /** The epoch whose log this is has committed: what it undid is needed no more. */
  settle(log: UndoLog): void
  /** The log is about to put an item's payload back; `staged`: its epoch had been cut. */
  undo(log: UndoLog, item: number, staged: boolean): void
  /** An entry without changes lets its live value go, where that is not its payload. */
  doze(entry: number): void
  /** The entry goes. */
  drop(entry: number): void
  /**
   * Between epochs: gives memory back where much is wasted; `open` is the only undo log there is.
   */
  tidy(open: UndoLog): void
}
