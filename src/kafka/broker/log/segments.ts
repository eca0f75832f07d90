/**
 * Memory of a partition's log: append-only pieces, so that views handed out stay true without
 * copies.
 */
const firstBytes = 16 * 1024
const largestBytes = 4 * 1024 * 1024

export interface Placed {
  readonly segment: Uint8Array
  readonly start: number
  readonly end: number
}

export class Segments {
  #current = new Uint8Array(0)
  #used = 0

  /** Copies the bytes behind what is there; a batch never spans two segments. */
  place(bytes: Uint8Array): Placed {
    if (this.#used + bytes.length > this.#current.length) {
      const grown = Math.min(largestBytes, Math.max(firstBytes, this.#current.length * 2))
      this.#current = new Uint8Array(Math.max(grown, bytes.length))
      this.#used = 0
    }
    const start = this.#used
    this.#current.set(bytes, start)
    this.#used = start + bytes.length
    return { segment: this.#current, start, end: this.#used }
  }
}
