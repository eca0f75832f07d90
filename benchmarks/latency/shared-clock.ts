/**
 * One clock for several processes of a machine: the monotonic clock of the system, which they
 * share, counted from a wall-clock time that one of them chose. Their own wall clocks would each
 * be right to the millisecond only, and may be set meanwhile.
 */
export type SharedClock = () => number

/** Wall-clock milliseconds at the zero of the monotonic clock: pass it on to the others. */
export function chooseOrigin(): number {
  return Date.now() - monotonicMs()
}

export function sharedClock(originMs: number): SharedClock {
  return () => originMs + monotonicMs()
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000
}
