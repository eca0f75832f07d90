/** Zigzag varints of records: small magnitudes of either sign take few bytes. */
import { MalformedMessage } from '../reader.ts'

/** Reads on from `at`, which callers move themselves over bytes that they need no value of. */
export class VarintReader {
  at: number
  readonly #view: DataView

  constructor(bytes: Uint8Array, at: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }

  /**
   * @throws RangeError at the end of the bytes; MalformedMessage when it is longer than 32 bits.
   */
  int32(): number {
    const first = this.#view.getUint8(this.at)
    if (first < 0x80) {
      this.at++
      return (first >>> 1) ^ -(first & 1)
    }
    let value = first & 0x7f
    for (let i = 1; i < 5; i++) {
      const byte = this.#view.getUint8(this.at + i)
      value |= (byte & 0x7f) << (i * 7)
      if (byte < 0x80) {
        this.at += i + 1
        return (value >>> 1) ^ -(value & 1)
      }
    }
    throw new MalformedMessage(`a varint at ${this.at} is longer than 5 bytes`)
  }

  /**
   * 64 bits as a number: exact within ±2^53. Up to four bytes, which most are, go the short way.
   */
  int64(): number {
    let value = 0
    for (let i = 0; i < 4; i++) {
      const byte = this.#view.getUint8(this.at + i)
      value |= (byte & 0x7f) << (i * 7)
      if (byte < 0x80) {
        this.at += i + 1
        return (value >>> 1) ^ -(value & 1)
      }
    }
    return this.#longInt64(value)
  }

  /**
   * `low`: the 28 bits of the first four bytes. Beyond 32 bits shifts do not reach, so powers of
   * two add up.
   */
  #longInt64(low: number): number {
    let value = low
    for (let i = 4; i < 10; i++) {
      const byte = this.#view.getUint8(this.at + i)
      value += (byte & 0x7f) * 2 ** (i * 7)
      if (byte < 0x80) {
        this.at += i + 1
        return low & 1 ? -((value + 1) / 2) : value / 2
      }
    }
    throw new MalformedMessage(`a varint at ${this.at} is longer than 10 bytes`)
  }
}
