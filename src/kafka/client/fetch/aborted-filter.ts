/**
 * Which batches of one fetch answer a reader of committed data sees, after the Java client's
 * `CompletedFetch`. Pure; one filter per partition and answer, batches judged in their order.
 */
import type { BatchHeader } from '../../protocol/record-batch/index.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** `skip`: nothing of the batch is handed over; reading goes on after it. */
export type Judgement = 'deliver' | 'skip'

export class AbortedFilter {
  /** Not yet begun, the earliest last. Brokers list them in the order of their markers. */
  readonly #ahead: AbortedTransaction[]
  /** Producers inside an aborted transaction at the batch that is judged. */
  readonly #active = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[] | null) {
    this.#ahead = (aborted ?? []).toSorted((a, b) => b.firstOffset - a.firstOffset)
  }

  /** @param endsAborted Whether a control batch is an abort marker; asked only where it matters. */
  judge(header: BatchHeader, endsAborted: (header: BatchHeader) => boolean): Judgement {
    this.#activate(header.lastOffset)
    const { producerId } = header
    if (header.isControl) {
      // Only a marker ends a transaction, never a data record whose key looks like one.
      if (this.#active.has(producerId) && endsAborted(header)) this.#active.delete(producerId)
      return 'skip'
    }
    // A producer may write outside transactions too: the transactional bit decides.
    return header.isTransactional && this.#active.has(producerId) ? 'skip' : 'deliver'
  }

  #activate(offset: number): void {
    for (let next = this.#ahead.at(-1); next !== undefined; next = this.#ahead.at(-1)) {
      if (next.firstOffset > offset) return
      this.#active.add(next.producerId)
      this.#ahead.pop()
    }
  }
}
