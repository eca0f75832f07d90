import { noBytes } from '../byte-slabs.ts'

/** The key whose state is read and written: bytes of a record in work, or of a timer. */
export class KeyCursor {
  bytes: Uint8Array = noBytes
  start = 0
  end = -1
  /** murmur2 of the bytes. */
  hash = 0
  /** Goes up with each key: what was looked up for the one before holds no more. */
  turn = 0

  take(bytes: Uint8Array, start: number, end: number, hash: number): void {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.hash = hash
    this.turn += 1
  }

  clear(): void {
    this.end = this.start - 1
    this.turn += 1
  }

  /** @throws Error where no key is in work, as in a punctuation. */
  checked(): this {
    if (this.end >= this.start) return this
    throw new Error('the state of a key is used where records and timers are handled, not here')
  }
}
