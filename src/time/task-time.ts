import type { PartitionTime } from './partition-time.ts'
import { noTime } from './watermark-record.ts'

/**
 * A task's time: stream time is the highest of its partitions', the watermark the lowest of those
 * that are not idle. When the last active partition becomes idle the watermark goes to the highest,
 * as Flink's valve does. It never goes back, so a partition that wakes up behind it counts again
 * once it has caught up.
 */
export class TaskTime {
  readonly #partitions: readonly PartitionTime[]
  #watermark = noTime

  constructor(partitions: readonly PartitionTime[]) {
    this.#partitions = partitions
  }

  /**
   * After the partitions' times were restored.
   * @param watermark What was committed for the task: partitions that were idle then do not pull it
   * back.
   */
  restart(watermark: number): void {
    this.#watermark = watermark
  }

  get streamTime(): number {
    let highest = noTime
    for (const { streamTime } of this.#partitions) highest = Math.max(highest, streamTime)
    return highest
  }

  get watermark(): number {
    const combined = combine(this.#partitions)
    if (combined > this.#watermark) this.#watermark = combined
    return this.#watermark
  }

  /** True when every partition that gives a watermark is idle: the task holds nobody back. */
  get idle(): boolean {
    let speaking = false
    for (const partition of this.#partitions) {
      if (!partition.speaks) continue
      if (!partition.idle) return false
      speaking = true
    }
    return speaking
  }
}

function combine(partitions: readonly PartitionTime[]): number {
  let lowestActive = Number.POSITIVE_INFINITY
  let highest = noTime
  for (let index = 0; index < partitions.length; index += 1) {
    const partition = partitions[index]
    if (partition === undefined || !partition.speaks) continue
    const { watermark } = partition
    if (!partition.idle) lowestActive = Math.min(lowestActive, watermark)
    highest = Math.max(highest, watermark)
  }
  return lowestActive === Number.POSITIVE_INFINITY ? highest : lowestActive
}
