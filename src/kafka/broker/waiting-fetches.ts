/** Fetches that found too little: answered when enough is there, or at their deadline. */
import type { PartitionLog } from './log/partition-log.ts'
import type { BrokerRequest } from './request.ts'

export interface WaitingFetch {
  readonly request: BrokerRequest
  readonly deadlineMs: number
  readonly reads: ReadonlySet<PartitionLog>
  /** Tries again; answers if it is enough, or if it is `due`. Whether it did. */
  readonly attempt: (due: boolean) => boolean
}

export class WaitingFetches {
  readonly #waiting = new Set<WaitingFetch>()

  add(fetch: WaitingFetch): void {
    this.#waiting.add(fetch)
  }

  /** Tries those that read a changed partition. */
  retry(changed: readonly PartitionLog[]): void {
    if (changed.length === 0) return
    for (const fetch of this.#waiting) {
      const touched = changed.some((log) => fetch.reads.has(log))
      if (touched && fetch.attempt(false)) this.#waiting.delete(fetch)
    }
  }

  tick(nowMs: number): void {
    for (const fetch of this.#waiting) {
      if (fetch.deadlineMs > nowMs) continue
      this.#waiting.delete(fetch)
      fetch.attempt(true)
    }
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY
    for (const fetch of this.#waiting) next = Math.min(next, fetch.deadlineMs)
    return next
  }

  /** The client is gone. */
  forget(connection: string): void {
    for (const fetch of this.#waiting) {
      if (fetch.request.connection === connection) this.#waiting.delete(fetch)
    }
  }
}
