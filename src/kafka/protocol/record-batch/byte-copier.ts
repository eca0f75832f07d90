/**
 * Copies short runs of bytes into one destination. `TypedArray.set` needs a view object per copy,
 * which for keys and values of usual sizes costs more than the copy; eight bytes at a time through
 * `DataView` needs none (`npm run bench:codec` shows the difference).
 */
const wordBytes = 8
/** From here on `set` is faster. */
const setBytesMin = 160

export class ByteCopier {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  /**
   * A view is made for a source on its second use: most sources are either used once or for many
   * records.
   */
  #seen: ArrayBufferLike | undefined
  #source: ArrayBufferLike | undefined
  #sourceView: DataView

  constructor(destination: Uint8Array<ArrayBuffer>) {
    this.#bytes = destination
    this.#view = new DataView(destination.buffer)
    this.#sourceView = this.#view
  }

  copy(from: Uint8Array, start: number, end: number, to: number): void {
    const size = end - start
    if (size < wordBytes) this.#copyBytes(from, start, end, to)
    else if (size >= setBytesMin || !this.#knows(from.buffer)) this.#set(from, start, size, to)
    else this.#copyWords(from.byteOffset + start, from.byteOffset + end, to)
  }

  /** Forgets sources, so that their memory is not held. */
  release(): void {
    this.#seen = undefined
    this.#source = undefined
    this.#sourceView = this.#view
  }

  #knows(buffer: ArrayBufferLike): boolean {
    if (buffer === this.#source) return true
    if (buffer !== this.#seen) {
      this.#seen = buffer
      return false
    }
    this.#source = buffer
    this.#sourceView = new DataView(buffer)
    return true
  }

  #copyBytes(from: Uint8Array, start: number, end: number, to: number): void {
    for (let i = start; i < end; i++) this.#bytes[to + i - start] = from[i] ?? 0
  }

  #set(from: Uint8Array, start: number, size: number, to: number): void {
    this.#bytes.set(new Uint8Array(from.buffer, from.byteOffset + start, size), to)
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
