/**
 * Where each leader's reign over a partition began, for clients that check whether their position
 * was cut off.
 */
interface Reign {
  readonly epoch: number
  readonly startOffset: number
}

export interface EpochEnd {
  readonly epoch: number
  readonly endOffset: number
}

const undefinedEnd: EpochEnd = { epoch: -1, endOffset: -1 }

export class LeaderEpochs {
  readonly #reigns: Reign[] = []

  begin(epoch: number, startOffset: number): void {
    while (this.#reigns.length > 0 && (this.#reigns.at(-1)?.startOffset ?? 0) >= startOffset) {
      this.#reigns.pop()
    }
    this.#reigns.push({ epoch, startOffset })
  }

  /**
   * The largest epoch up to the asked one and the offset at which the next began (the log's end for
   * the current
   * epoch); −1 for both where the epoch is later than the current one.
   */
  endOf(epoch: number, logEnd: number): EpochEnd {
    if (this.#reigns.at(-1)?.epoch === epoch) return { epoch, endOffset: logEnd }
    const next = this.#reigns.find((reign) => reign.epoch > epoch)
    if (epoch < 0 || next === undefined) return undefinedEnd
    const own = this.#reigns.findLast((reign) => reign.epoch <= epoch)
    return { epoch: own?.epoch ?? epoch, endOffset: next.startOffset }
  }

  /** The epoch in which an offset was written. */
  epochAt(offset: number): number {
    return this.#reigns.findLast((reign) => reign.startOffset <= offset)?.epoch ?? -1
  }
}
