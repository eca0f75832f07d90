import type { Output } from '../model/output.ts'
import type { SubTopology } from '../plan/plan.ts'
import type { TaskTime } from '../time/task-time.ts'
import { encodeWatermark, noTime, watermarkHeaders } from '../time/watermark-record.ts'

const noBytes = new Uint8Array(0)

/**
 * Tells the readers of a task's repartition topics how far its time has come; see
 * `time/watermark-record.ts`.
 */
export class WatermarkAnnouncer {
  readonly #subTopology: number
  readonly #partition: number
  readonly #topics: readonly string[]
  readonly #output: Output
  #toldWatermark = noTime
  #toldIdle = false

  constructor(plan: SubTopology, partition: number, output: Output) {
    this.#subTopology = plan.index
    this.#partition = partition
    this.#output = output
    const topics = plan.steps.flatMap((step) =>
      step.kind === 'sink' && step.repartition ? step.spec.topics : [],
    )
    this.#topics = [...new Set(topics)]
  }

  /** What was committed was told in the same transaction. */
  restore(time: TaskTime): void {
    this.#toldWatermark = time.watermark
    this.#toldIdle = false
  }

  /** True when there is something new to tell. */
  due(time: TaskTime): boolean {
    if (this.#topics.length === 0) return false
    return time.watermark > this.#toldWatermark || time.idle !== this.#toldIdle
  }

  announce(time: TaskTime): void {
    if (!this.due(time)) return
    this.#toldWatermark = time.watermark
    this.#toldIdle = time.idle
    const value = encodeWatermark({
      subTopology: this.#subTopology,
      partition: this.#partition,
      watermark: this.#toldWatermark,
      idle: this.#toldIdle,
    })
    // The record's own time only matters for retention.
    const timestamp = Math.max(time.streamTime, 0)
    for (const topic of this.#topics) {
      const partitions = this.#output.partitionsOf(topic)
      for (let partition = 0; partition < partitions; partition += 1) {
        this.#output
          .open(topic, partition)
          .append(timestamp, noBytes, -1, -1, value, 0, value.length, watermarkHeaders)
      }
    }
  }
}
