/**
 * Counts durations in buckets of nearly equal relative width, as HdrHistogram does
 * (http://hdrhistogram.org): memory does not grow with what is recorded, and every percentile is
 * right within the width of a bucket.
 */

/** Half of them make a doubling: a bucket is at most 1/64, 1.6 %, of its value wide. */
const steps = 128
/** Microseconds up to 2^36: 19 hours. */
const doublings = 37

export interface Summary {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

export class DurationHistogram {
  readonly #counts = new Float64Array(steps * doublings)
  #count = 0
  #sumMs = 0
  #maxMs = 0

  get count(): number {
    return this.#count
  }

  /** A negative duration, which only clocks that disagree can make, counts as 0. */
  record(ms: number): void {
    const micros = Math.max(0, Math.round(ms * 1_000))
    const at = Math.min(bucketOf(micros), this.#counts.length - 1)
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#count++
    this.#sumMs += Math.max(0, ms)
    this.#maxMs = Math.max(this.#maxMs, ms)
  }

  /** The least duration that this share (0 to 1) of those recorded does not pass; NaN if none. */
  percentile(share: number): number {
    if (this.#count === 0) return Number.NaN
    const rank = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i] ?? 0
      if (seen >= rank) return Math.min(upperMicros(i) / 1_000, this.#maxMs)
    }
    return this.#maxMs
  }

  summary(): Summary {
    return {
      count: this.#count,
      meanMs: this.#sumMs / this.#count,
      p50Ms: this.percentile(0.5),
      p90Ms: this.percentile(0.9),
      p99Ms: this.percentile(0.99),
      p999Ms: this.percentile(0.999),
      maxMs: this.#maxMs,
    }
  }
}

/** The first `steps` values have a bucket each; then each doubling has `steps / 2` new ones. */
function bucketOf(micros: number): number {
  if (micros < steps) return micros
  const doubling = Math.floor(Math.log2(micros / steps)) + 1
  const width = 2 ** doubling
  return (steps / 2) * (doubling + 1) + Math.floor(micros / width) - steps / 2
}

/** The greatest value in a bucket. */
function upperMicros(bucket: number): number {
  if (bucket < steps) return bucket
  const doubling = Math.floor((bucket - steps) / (steps / 2)) + 1
  const within = bucket - (steps / 2) * (doubling + 1) + steps / 2
  return (within + 1) * 2 ** doubling - 1
}
