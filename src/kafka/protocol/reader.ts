/**
 * Reads Kafka's primitive types from received bytes. Whatever the bytes are, it ends in a value or
 * a `MalformedMessage`.
 */
const utf8 = new TextDecoder()

/** Bytes that do not follow the protocol; never an excuse to guess. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

export class Reader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #position: number

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#position = position
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.bytes.length - this.#position
  }

  #take(size: number): number {
    const at = this.#position
    if (size < 0 || size > this.bytes.length - at) {
      throw new MalformedMessage(`needs ${size} bytes at ${at}, has ${this.bytes.length - at}`)
    }
    this.#position = at + size
    return at
  }

  skip(size: number): void {
    this.#take(size)
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** 64 bits as a number: exact within ±2^53, rounded beyond. */
  int64(): number {
    const at = this.#take(8)
    return this.#view.getInt32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4)
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  /** Unsigned LEB128, 32 bits at most. */
  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#take(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new MalformedMessage(`a varint at ${this.#position} is longer than 5 bytes`)
  }

  /** A view of the next bytes, not a copy. */
  raw(size: number): Uint8Array {
    const at = this.#take(size)
    return this.bytes.subarray(at, at + size)
  }

  utf8(size: number): string {
    return utf8.decode(this.raw(size))
  }
}
