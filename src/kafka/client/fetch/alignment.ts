/**
 * How long a broker may hold a fetch, so that what is there arrives just before the reader wants it
 * (before an epoch is cut, say): records that arrive right after a cut wait a whole interval.
 */

/** A hold that is shorter brings next to nothing, and is left out. */
const holdMsMin = 2
/** One hold may be so much longer than usual where it spares another one. */
const stretch = 0.25

export interface Wish {
  /** The usual hold, milliseconds. */
  readonly usualMs: number
  readonly nowMs: number
  /** By how much answers come later than the hold ends. */
  readonly lagMs: number
  /** The first moment after this one at which what is there is wanted; undefined: none is known. */
  readonly wantedAfter: (ms: number) => number | undefined
}

/** Holds of equal length, the last of which ends in time for the wanted moment. */
export function alignedHoldMs({ usualMs, nowMs, lagMs, wantedAfter }: Wish): number {
  const wantedMs = wantedAfter(nowMs + lagMs + holdMsMin)
  if (wantedMs === undefined) return usualMs
  const leftMs = wantedMs - lagMs - nowMs
  const holds = Math.max(1, Math.ceil(leftMs / usualMs - stretch))
  return Math.max(1, Math.floor(leftMs / holds))
}

/** Follows a lag that varies: up quickly, for what is too late is an interval late; down slowly. */
export class Lag {
  readonly #msMax: number
  #ms = 1

  constructor(msMax: number) {
    this.#msMax = msMax
  }

  get ms(): number {
    return this.#ms
  }

  note(ms: number): void {
    const seen = Math.min(this.#msMax, Math.max(0, ms))
    this.#ms += (seen - this.#ms) * (seen > this.#ms ? 0.5 : 0.05)
  }
}
