/**
 * An operator that waits for event time. The task tells each the watermark between two records, in
 * the order of the topology, so that what one emits because of it finds those behind it where they
 * were: all that a watermark causes comes before it, as in Flink.
 */
export interface Timed {
  /** The watermark rose. */
  advance(watermark: number): void
}
