/**
 * Memory that values are written to one after the other, each in the place of the one before: what
 * is written is copied on at once, so that no array has to be made for it.
 */
export class WriteTarget {
  #bytes = new Uint8Array(256)
  /** Where the value ends that was written last. It begins at 0. */
  end = 0

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Takes over what was written elsewhere. */
  take(bytes: Uint8Array): void {
    this.reserve(0, bytes.length).set(bytes)
    this.end = bytes.length
  }

  /** Memory for at least so many bytes from `at`; those before are kept. */
  reserve(at: number, bytes: number): Uint8Array {
    if (at + bytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, at + bytes))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
    }
    return this.#bytes
  }
}
