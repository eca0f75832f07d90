import type { Epoch } from '../model/ids.ts'

/**
 * What a task asks of a store whose entries go once event time has passed them: without a word to
 * the changelog, when the epoch in which they closed has committed. What is restored leaves out
 * what the committed watermark has closed, and the changelog is purged up to the first record of
 * what is open.
 */
export interface ExpiringStore {
  /** Entries closed in the open epoch. */
  readonly closing: boolean
  /** What the changelog has before this offset is of entries that have closed and committed. */
  readonly changelogFrom: number
  /** The epoch was cut: what it closed goes when it commits. */
  cut(epoch: Epoch): void
  /** After the buffer's `committed`. */
  committed(epoch: Epoch): void
  /** After the buffer's `rollback`: what closed in dropped epochs is open again. */
  rollback(): void
  /** The watermark that was committed: what it had closed is gone, or is not taken again. */
  restart(watermark: number): void
  /** The backend has been emptied, and nothing of what was in memory counts. */
  clear(): void
  /** As the buffer's `restore`, but leaves out what had closed. */
  restore(
    time: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    hash: number,
    valueStart: number,
    valueEnd: number,
  ): void
  /** Where the changelog goes on after what was restored. */
  restored(nextOffset: number): void
}
