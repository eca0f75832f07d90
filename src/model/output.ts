import type { Header } from './record.ts'

export const noHeaders: readonly Header[] = []

/** One partition that the open epoch writes to. */
export interface OutputPartition {
  /**
   * Adds one record to the open epoch. Bytes are copied at once. A start of −1 stands for a null
   * key or value.
   * @throws StreamError `RECORD_TOO_LARGE` when the record cannot fit a batch.
   */
  append(
    timestamp: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: readonly Header[],
  ): void
}

/**
 * Where tasks write to. The handles of `open` stay valid from epoch to epoch; the worker swaps the
 * memory behind them when it seals an epoch.
 */
export interface Output {
  /** Partitions of a topic of the plan. */
  partitionsOf(topic: string): number
  open(topic: string, partition: number): OutputPartition
}
