/** Cuts a byte stream into frames of a 4-byte length and content. */
const lengthBytes = 4

export class FrameTooLarge extends Error {
  override readonly name = 'FrameTooLarge'
}

export class FrameReader {
  readonly #bytesMax: number
  readonly #length = Buffer.alloc(lengthBytes)
  #lengthFilled = 0
  #frame: Buffer | undefined
  #filled = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * Calls `onFrame` for each frame that the chunk completes. A frame that lies in one chunk is a
   * view of it.
   * @throws FrameTooLarge when a length is negative or over the limit.
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#frame === undefined) at = this.#readLength(chunk, at)
      if (this.#lengthFilled < lengthBytes) return
      const size = this.#checkedSize()
      if (this.#frame === undefined && chunk.length - at >= size) {
        this.#lengthFilled = 0
        onFrame(chunk.subarray(at, at + size))
        at += size
        continue
      }
      at = this.#fill(chunk, at, size, onFrame)
    }
  }

  #readLength(chunk: Buffer, from: number): number {
    let at = from
    while (this.#lengthFilled < lengthBytes && at < chunk.length) {
      this.#length[this.#lengthFilled++] = chunk[at++] ?? 0
    }
    return at
  }

  #checkedSize(): number {
    const size = this.#length.readInt32BE()
    if (size < 0 || size > this.#bytesMax) {
      throw new FrameTooLarge(`a frame of ${size} bytes, at most ${this.#bytesMax} are taken`)
    }
    return size
  }

  #fill(chunk: Buffer, from: number, size: number, onFrame: (frame: Buffer) => void): number {
    this.#frame ??= Buffer.allocUnsafe(size)
    const end = Math.min(chunk.length, from + size - this.#filled)
    chunk.copy(this.#frame, this.#filled, from, end)
    this.#filled += end - from
    if (this.#filled < size) return end
    const frame = this.#frame
    this.#frame = undefined
    this.#filled = 0
    this.#lengthFilled = 0
    onFrame(frame)
    return end
  }
}
