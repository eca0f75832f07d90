/**
 * Aborted transactions of a partition, in the order of their markers, as read_committed fetches
 * list them.
 */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** The marker's offset. */
  readonly lastOffset: number
  /** The last stable offset once the marker was there: what a search may stop at. */
  readonly lastStableOffset: number
}

export class AbortedIndex {
  #transactions: AbortedTransaction[] = []

  add(transaction: AbortedTransaction): void {
    this.#transactions.push(transaction)
  }

  /** Those that touch the offsets [from, to). */
  overlapping(from: number, to: number): readonly AbortedTransaction[] {
    const found: AbortedTransaction[] = []
    for (const transaction of this.#transactions) {
      if (transaction.lastOffset >= from && transaction.firstOffset < to) found.push(transaction)
      if (transaction.lastStableOffset >= to) break
    }
    return found
  }

  /** Whether the batch at an offset belongs to an aborted transaction of the producer. */
  covers(producerId: number, offset: number): boolean {
    return this.#transactions.some(
      (t) => t.producerId === producerId && t.firstOffset <= offset && offset <= t.lastOffset,
    )
  }

  /** Forgets the transaction that this marker ended: without its marker it would never end. */
  dropEnded(producerId: number, marker: number): void {
    this.#transactions = this.#transactions.filter(
      (t) => t.producerId !== producerId || t.lastOffset !== marker,
    )
  }

  dropBefore(offset: number): void {
    this.#transactions = this.#transactions.filter((t) => t.lastOffset >= offset)
  }
}
