/**
 * An operator that waits for time. The task tells each the watermark between two records, in the
 * order of the topology, so that what one emits because of it finds those behind it where they
 * were: all that a watermark causes comes before it, as in Flink.
 */
export interface Timed {
  /** The watermark rose. */
  advance(watermark: number): void
  /** The machine's clock, as often as the task has a turn. */
  tick?(wallMs: number): void
  /**
   * The task begins, or begins again after it was rolled back, at the committed watermark.
   * @param streamTimeOf Highest timestamp that was processed of an input, as it was committed.
   */
  restart?(watermark: number, wallMs: number, streamTimeOf: (topic: string) => number): void
  /** True when it did something that its stores and inputs do not show; taken back at a cut. */
  acted?: boolean
}
