/**
 * Copies short runs of bytes into one destination. `TypedArray.set` of a part needs a view object
 * per copy, which for keys and values of usual sizes costs more than the copy; eight bytes at a
 * time through `DataView` needs none (`npm run bench:codec` shows the difference).
 */
const wordBytes = 8
/** Up to here a loop is faster than anything that looks at the source first. */
const loopBytesMax = 24
/** From here on `set` is faster. */
const setBytesMin = 160

export class ByteCopier {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  /**
   * A view is made for a source on its second use: most sources are either used once or for many
   * records. Sources are told apart as objects: asking a small array for its buffer moves it out of
   * the JavaScript heap.
   */
  #seen: Uint8Array | undefined
  #source: Uint8Array | undefined
  #sourceView: DataView

  constructor(destination: Uint8Array<ArrayBuffer>) {
    this.#bytes = destination
    this.#view = new DataView(destination.buffer)
    this.#sourceView = this.#view
  }

  copy(from: Uint8Array, start: number, end: number, to: number): void {
    const size = end - start
    if (size <= loopBytesMax) this.#copyBytes(from, start, end, to)
    else if (size < setBytesMin && this.#knows(from)) this.#copyWords(start, end, to)
    else if (size === from.length) this.#bytes.set(from, to)
    else this.#bytes.set(new Uint8Array(from.buffer, from.byteOffset + start, size), to)
  }

  /** Forgets sources, so that their memory is not held. */
  release(): void {
    this.#seen = undefined
    this.#source = undefined
    this.#sourceView = this.#view
  }

  #knows(from: Uint8Array): boolean {
    if (from === this.#source) return true
    if (from !== this.#seen) {
      this.#seen = from
      return false
    }
    this.#source = from
    this.#sourceView = new DataView(from.buffer, from.byteOffset, from.byteLength)
    return true
  }

  #copyBytes(from: Uint8Array, start: number, end: number, to: number): void {
    const bytes = this.#bytes
    for (let i = start, at = to; i < end; i++, at++) bytes[at] = from[i] ?? 0
  }

  /** The last word overlaps the one before it, which spares a loop over the rest. */
  #copyWords(start: number, end: number, to: number): void {
    const source = this.#sourceView
    const last = end - wordBytes
    let at = to
    for (let i = start; i < last; i += wordBytes, at += wordBytes) {
      this.#view.setBigInt64(at, source.getBigInt64(i, true), true)
    }
    this.#view.setBigInt64(to + last - start, source.getBigInt64(last, true), true)
  }
}
