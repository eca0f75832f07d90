import type { PositionTimes } from './position-metadata.ts'
import { ProducerWatermarks } from './producer-watermarks.ts'
import type { WatermarkSpec } from './spec.ts'
import { noTime, type ProducerWatermark } from './watermark-record.ts'

/** Where a partition's watermark comes from: its records, or the tasks that write it. */
export type TimeSource =
  | {
      readonly kind: 'records'
      readonly watermark: WatermarkSpec
      readonly idleAfterMs: number | undefined
    }
  | { readonly kind: 'producers'; readonly expected: number }

/**
 * Time of one input partition: stream time (the highest timestamp taken for processing, as Kafka
 * Streams' partition time), watermark and idleness. The watermark never goes back.
 */
export class PartitionTime {
  /** Highest timestamp taken; `noTime` before the first. */
  streamTime = noTime
  /** True: the partition does not hold the task's watermark back. */
  idle = false
  readonly #source: TimeSource
  #producers: ProducerWatermarks | undefined
  readonly #punctuated: ((value: unknown, timestamp: number) => number | undefined) | undefined
  #reached = noTime
  #drainedAtMs = -1

  constructor(source: TimeSource) {
    this.#source = source
    this.#producers = producersOf(source)
    this.#punctuated =
      source.kind === 'records' && source.watermark.kind === 'punctuated'
        ? source.watermark.fn
        : undefined
  }

  /** False for `none`: then it neither gives a watermark nor holds one back. */
  get speaks(): boolean {
    return this.#source.kind === 'producers' || this.#source.watermark.kind !== 'none'
  }

  get readsValue(): boolean {
    return this.#punctuated !== undefined
  }

  /** Takes note of a record. `value` is only looked at where `readsValue`. */
  observe(timestamp: number, value: unknown): void {
    if (timestamp > this.streamTime) this.streamTime = timestamp
    if (this.#punctuated === undefined) return
    const watermark = this.#punctuated(value, timestamp)
    if (watermark !== undefined && watermark > this.#reached) this.#reached = watermark
  }

  /** Raises the watermark from outside, where its source lets it speak. */
  raise(watermark: number): void {
    if (this.#producers === undefined && watermark > this.#reached) this.#reached = watermark
  }

  /** Takes note of a control record. */
  tell(told: ProducerWatermark): void {
    this.#producers?.tell(told)
  }

  get watermark(): number {
    const bound = this.#bound()
    if (bound > this.#reached) this.#reached = bound
    return this.#reached
  }

  /**
   * The rule of idleness: a partition that is read to its end is idle once `idleAfterMs` has
   * passed; one that has unread records, or whose end is not known, never is. So catching up after
   * a stop makes nothing late.
   */
  look(drained: boolean, wallMs: number): void {
    if (!drained) {
      this.#drainedAtMs = -1
      this.idle = false
      return
    }
    if (this.#drainedAtMs < 0) this.#drainedAtMs = wallMs
    if (this.#producers !== undefined) this.idle = this.#producers.idle
    else this.idle = this.#waited(wallMs)
  }

  /** Goes to what was committed; what was seen since is read again. */
  restore(times: PositionTimes): void {
    this.idle = false
    this.#drainedAtMs = -1
    this.#producers = producersOf(this.#source)
    this.streamTime = times.streamTime
    this.#reached = times.watermark
    for (const told of times.producers) this.#producers?.tell(told)
  }

  times(taskWatermark: number): PositionTimes {
    return {
      streamTime: this.streamTime,
      watermark: this.watermark,
      taskWatermark,
      producers: this.#producers?.all() ?? [],
    }
  }

  #waited(wallMs: number): boolean {
    const source = this.#source
    if (source.kind !== 'records' || source.idleAfterMs === undefined) return false
    return wallMs - this.#drainedAtMs >= source.idleAfterMs
  }

  #bound(): number {
    if (this.#producers !== undefined) return this.#producers.watermark
    if (this.streamTime === noTime || this.#source.kind !== 'records') return noTime
    const { watermark } = this.#source
    if (watermark.kind === 'monotonous') return this.streamTime - 1
    if (watermark.kind === 'bounded') return this.streamTime - watermark.outOfOrdernessMs - 1
    return noTime
  }
}

function producersOf(source: TimeSource): ProducerWatermarks | undefined {
  return source.kind === 'producers' ? new ProducerWatermarks(source.expected) : undefined
}
