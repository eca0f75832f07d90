/** The part of a record as kafkajs decodes it that is used here. Offsets are decimal numbers. */
export interface LogRecord {
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: string
  readonly isControlRecord: boolean
  readonly batchContext: {
    readonly firstOffset: string
    readonly lastOffsetDelta: number
    readonly producerId: string
    readonly inTransaction: boolean
  }
}

export interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: string
}

/** Type of a control record, in its key after the version: 0 ends a transaction by aborting it. */
const abort = 0

/**
 * Which records of a partition were committed. A broker names the aborted transactions that a
 * fetch touches, in the order of their ends, not of their beginnings. One hides the records of its
 * producer from its first offset on, up to that producer's abort marker; several may be open.
 */
export class CommittedFilter {
  #pending: { readonly producerId: string; readonly first: number }[] = []
  readonly #hidden = new Set<string>()

  /** Starts a fetch. What was hidden at the end of the last one is named again. */
  begin(aborted: readonly AbortedTransaction[]): void {
    this.#hidden.clear()
    this.#pending = aborted
      .map(({ producerId, firstOffset }) => ({ producerId, first: Number(firstOffset) }))
      .sort((a, b) => a.first - b.first)
  }

  /** True for a committed record of a user; to be asked for every record, in order. */
  lets(record: LogRecord): boolean {
    const { producerId, inTransaction, firstOffset, lastOffsetDelta } = record.batchContext
    const batchEnd = Number(firstOffset) + lastOffsetDelta
    while ((this.#pending[0]?.first ?? Number.POSITIVE_INFINITY) <= batchEnd) {
      const begun = this.#pending.shift()
      if (begun !== undefined) this.#hidden.add(begun.producerId)
    }
    if (record.isControlRecord) {
      if (record.key?.readInt16BE(2) === abort) this.#hidden.delete(producerId)
      return false
    }
    return !(inTransaction && this.#hidden.has(producerId))
  }
}
