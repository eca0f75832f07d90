/** Windows of a fixed size on the time line: tumbling where the next one begins at the end. */
export interface WindowSpec {
  readonly sizeMs: number
  /** From the start of a window to the start of the next; at most the size. */
  readonly advanceMs: number
  /** Windows start at this time plus multiples of the advance. */
  readonly offsetMs: number
}

/**
 * Start of the last window that a time is in: `ts − floorMod(ts − offset, advance)`, as Flink's
 * TimeWindow.getWindowStartWithOffset.
 */
export function lastStart(timeMs: number, { advanceMs, offsetMs }: WindowSpec): number {
  const since = (timeMs - offsetMs) % advanceMs
  return timeMs - (since < 0 ? since + advanceMs : since)
}

/**
 * Start of the first window that a time is in. As Kafka Streams' TimeWindows, overlapping windows
 * do not begin before 1970.
 */
export function firstStart(timeMs: number, spec: WindowSpec): number {
  const last = lastStart(timeMs, spec)
  const { sizeMs, advanceMs } = spec
  const before = Math.floor((sizeMs - 1 - (timeMs - last)) / advanceMs)
  const first = last - before * advanceMs
  if (first >= 0 || before === 0) return first
  return Math.min(last, first + Math.ceil(-first / advanceMs) * advanceMs)
}

/**
 * The watermark at which a window takes no more records and is let go: `end + grace − 1`, Flink's
 * cleanup time, and the stream time of which Kafka Streams closes it less the 1 by which a
 * watermark is behind.
 */
export function closesAt(startMs: number, { sizeMs }: WindowSpec, graceMs: number): number {
  return startMs + sizeMs + graceMs - 1
}
