import type { TimedStore } from '../../state/timed-store.ts'

const none = -1

/**
 * What a record does to the sliding windows of its key; as Kafka Streams'
 * KStreamSlidingWindowAggregate. Of the windows near the record, the last one that ends before it
 * has the records before it, as far as they are in its own window; the last one that has it has
 * those after it, as far as they are in the window behind it: else there would be a later one.
 */
export class SlidingPlan {
  /** Windows that the record falls into. */
  readonly containing: number[] = []
  /** Start of the window that ends with the record, where that is new. */
  newLeft: number | undefined
  /** What it begins from, −1 for nothing. */
  leftFrom = none
  /** Start of the window behind the record before, where this is the first one in it. */
  newBehind: number | undefined
  /** Start of the window behind the record, where that is new and not empty. */
  newRight: number | undefined
  /** What it is a copy of. */
  rightFrom = none
  readonly #windows: TimedStore
  readonly #differenceMs: number

  constructor(windows: TimedStore, differenceMs: number) {
    this.#windows = windows
    this.#differenceMs = differenceMs
  }

  /** @param near Windows that begin from twice the difference before the time to 1 ms after it. */
  make(time: number, near: readonly number[]): void {
    const difference = this.#differenceMs
    // Windows do not begin before 1970: the first one has all of the first records.
    const leftStart = Math.max(0, time - difference)
    let endedBefore = none
    let before = none
    let hasLeft = false
    let hasRight = false
    this.containing.length = 0
    this.rightFrom = none
    for (const entry of near) {
      const start = this.#windows.timeOf(entry)
      const last = this.#windows.buffer.timeOf(entry)
      if (start === time + 1) {
        hasRight = true
        continue
      }
      if (last < time) before = Math.max(before, last)
      if (start === leftStart) hasLeft = true
      if (start + difference < time) endedBefore = entry
      else {
        this.containing.push(entry)
        this.rightFrom = entry
      }
    }
    const isBefore = before >= 0 && before >= time - difference
    this.newLeft = hasLeft ? undefined : leftStart
    this.leftFrom = !hasLeft && isBefore ? endedBefore : none
    const behind = before + 1
    const reaches = before >= 0 && behind + difference >= time
    const hasBehind = near.some((entry) => this.#windows.timeOf(entry) === behind)
    // The record before has no window of its own behind it yet: nothing was in it.
    this.newBehind = reaches && !hasBehind && behind !== leftStart ? behind : undefined
    const hasLater = this.rightFrom >= 0 && this.#windows.buffer.timeOf(this.rightFrom) > time
    this.newRight = !hasRight && hasLater ? time + 1 : undefined
  }
}
