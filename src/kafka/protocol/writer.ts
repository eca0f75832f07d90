/**
 * Appends Kafka's primitive types to growing memory. Large record data is taken by reference, so a
 * produce request is a list of chunks that a socket can write without copying them together.
 */
const utf8 = new TextEncoder()
const initialBytes = 256

export class Writer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(initialBytes)
  #view = new DataView(this.#bytes.buffer)
  #start = 0
  #position = 0
  #closedBytes = 0
  readonly #chunks: Uint8Array[] = []

  /** Bytes written so far, those taken by reference included. */
  get length(): number {
    return this.#closedBytes + this.#position - this.#start
  }

  /** The written bytes as chunks, in order; the writer may not be used afterwards. */
  chunks(): readonly Uint8Array[] {
    this.#closeChunk()
    return this.#chunks
  }

  /** The written bytes in one piece; the writer may not be used afterwards. */
  bytes(): Uint8Array {
    this.#closeChunk()
    const [only] = this.#chunks
    if (this.#chunks.length === 1 && only !== undefined) return only
    const joined = new Uint8Array(this.#closedBytes)
    let at = 0
    for (const chunk of this.#chunks) {
      joined.set(chunk, at)
      at += chunk.length
    }
    return joined
  }

  #closeChunk(): void {
    if (this.#position === this.#start) return
    this.#chunks.push(this.#bytes.subarray(this.#start, this.#position))
    this.#closedBytes += this.#position - this.#start
    this.#start = this.#position
  }

  /** Makes room, which may replace the memory: call it before `#view` or `#bytes` is looked at. */
  #reserve(size: number): number {
    const at = this.#position
    if (at + size > this.#bytes.length) return this.#grow(size)
    this.#position = at + size
    return at
  }

  #grow(size: number): number {
    const kept = this.#position - this.#start
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, kept + size))
    grown.set(this.#bytes.subarray(this.#start, this.#position))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
    this.#start = 0
    this.#position = kept + size
    return kept
  }

  int8(value: number): void {
    const at = this.#reserve(1)
    this.#view.setInt8(at, value)
  }

  int16(value: number): void {
    const at = this.#reserve(2)
    this.#view.setInt16(at, value)
  }

  uint16(value: number): void {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
  }

  int32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setInt32(at, value)
  }

  uint32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value)
  }

  /** 64 bits from a number: exact within ±2^53; larger magnitudes (Long.MAX_VALUE) saturate. */
  int64(value: number): void {
    const at = this.#reserve(8)
    if (value >= 2 ** 63) {
      this.#view.setInt32(at, 0x7fff_ffff)
      this.#view.setUint32(at + 4, 0xffff_ffff)
      return
    }
    this.#view.setInt32(at, Math.floor(value / 0x1_0000_0000))
    this.#view.setUint32(at + 4, value >>> 0)
  }

  float64(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value)
  }

  /** Unsigned LEB128, 32 bits. */
  uvarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.int8(rest)
  }

  /** The bytes themselves, without a length. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /**
   * The bytes as a chunk of their own, not copied: they may not change until the request is sent.
   */
  reference(bytes: Uint8Array): void {
    this.#closeChunk()
    this.#chunks.push(bytes)
    this.#closedBytes += bytes.length
  }

  static utf8(text: string): Uint8Array {
    return utf8.encode(text)
  }
}
