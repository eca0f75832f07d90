/**
 * When each record ought to be sent: at a fixed rate whatever becomes of those before it, so that
 * a stall delays nothing but what it delays (no coordinated omission).
 */
export interface Schedule {
  /** Of the first record; milliseconds. */
  readonly startMs: number
  readonly perSecond: number
}

export function intendedMs({ startMs, perSecond }: Schedule, index: number): number {
  return startMs + (index * 1_000) / perSecond
}

/** How many records ought to have been sent by a moment, that moment included. */
export function dueBy({ startMs, perSecond }: Schedule, nowMs: number): number {
  if (nowMs < startMs) return 0
  return Math.floor(((nowMs - startMs) * perSecond) / 1_000) + 1
}
