/** Cuts what a socket brings into responses, each in memory of its own. */

import type { OnReadOpts } from 'node:net'

/** For the beginnings of responses, and for those that fit. */
const scratchBytes = 64 * 1024
const lengthBytes = 4
const correlationBytes = 4
/** No broker answers with more; what looks like it is not Kafka's protocol ("HTTP" is 1.2 GB). */
const responseBytesMax = 2 ** 30

/** What is done with a response: the bytes after the correlation id are the receiver's no more. */
export type Deliver = (correlationId: number, payload: Uint8Array) => void

/**
 * The rest of a large response is read straight into its memory: a socket that is made with
 * `onread` asks `buffer` where to put what comes next. TLS sockets hand over chunks instead.
 */
export class Receiver {
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes)
  /** Of a length that came in parts. */
  readonly #head = Buffer.allocUnsafe(lengthBytes)
  #headFilled = 0
  #body: Buffer | undefined
  #filled = 0
  #deliver: Deliver | undefined
  #refuse: ((why: string) => void) | undefined

  /** To be called before anything is sent. */
  connect(deliver: Deliver, refuse: (why: string) => void): void {
    this.#deliver = deliver
    this.#refuse = refuse
  }

  /** Where the next bytes go. */
  buffer(): Buffer {
    const body = this.#body
    if (body === undefined || body.length - this.#filled < scratchBytes) return this.#scratch
    return body.subarray(this.#filled)
  }

  /** So many bytes are in what `buffer` answered with. */
  received(count: number, bytes: Uint8Array): void {
    const body = this.#body
    if (body === undefined || bytes.buffer !== body.buffer) return this.take(bytes, count)
    this.#filled += count
    if (this.#filled === body.length) this.#finish(body)
  }

  /** Takes bytes that are somebody else's, from the start up to `end`. */
  take(bytes: Uint8Array, end = bytes.length): void {
    let at = 0
    while (at < end) {
      if (this.#body === undefined) at = this.#takeLength(bytes, at, end)
      else at = this.#takeBody(this.#body, bytes, at, end)
      if (at < 0) return
    }
  }

  /** What `net.connect` is told of it. */
  get onread(): OnReadOpts {
    return {
      buffer: () => this.buffer(),
      callback: (count, bytes) => {
        this.received(count, bytes)
        return true
      },
    }
  }

  #takeLength(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end && this.#headFilled < lengthBytes) {
      this.#head[this.#headFilled] = bytes[at] ?? 0
      this.#headFilled += 1
      at += 1
    }
    if (this.#headFilled < lengthBytes) return at
    const length = this.#head.readInt32BE(0)
    this.#headFilled = 0
    if (length < correlationBytes || length > responseBytesMax) {
      this.#refuse?.(`an answer of ${length} bytes: is this a Kafka broker?`)
      return -1
    }
    this.#body = Buffer.allocUnsafeSlow(length)
    this.#filled = 0
    return at
  }

  #takeBody(body: Buffer, bytes: Uint8Array, start: number, end: number): number {
    const count = Math.min(end - start, body.length - this.#filled)
    body.set(bytes.subarray(start, start + count), this.#filled)
    this.#filled += count
    if (this.#filled === body.length) this.#finish(body)
    return start + count
  }

  #finish(body: Buffer): void {
    this.#body = undefined
    this.#deliver?.(body.readInt32BE(0), body.subarray(correlationBytes))
  }
}
