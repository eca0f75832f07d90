/**
 * One TCP connection to a broker: requests go out in order, answers come back in the same order
 * and are read straight to where their reader wants them.
 */
import { connect, type Socket } from 'node:net'
import { frame, responseBody } from '../../src/adapters/kafkajs/framing.ts'
import type { EncodedRequest } from '../../src/kafka/protocol/codec.ts'

/** Where an answer of some size is to be put. */
export type Place = (sizeBytes: number) => Uint8Array

interface Waiting {
  readonly request: EncodedRequest
  readonly place: Place
  readonly resolve: (body: Uint8Array) => void
  readonly reject: (error: Error) => void
}

const sizeFieldBytes = 4
const correlationBytes = 4
const clientId = new TextEncoder().encode('bound')
const own: Place = (sizeBytes) => new Uint8Array(sizeBytes)

export class BrokerSocket {
  readonly #socket: Socket
  readonly #waiting: Waiting[] = []
  readonly #size = Buffer.alloc(sizeFieldBytes)
  /** What is being read: the size of the next answer, or the answer. */
  #target: Uint8Array = this.#size
  #filled = 0
  #correlationId = 0

  private constructor(host: string, port: number, connected: () => void, failed: () => void) {
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        // A function: each read may go elsewhere.
        buffer: () => this.#target.subarray(this.#filled),
        callback: (read: number) => this.#onRead(read),
      },
    })
    this.#socket.once('connect', connected)
    this.#socket.on('error', (error) => {
      failed()
      this.#fail(error)
    })
    this.#socket.on('close', () => this.#fail(new Error('the broker closed the connection')))
  }

  static async open(host: string, port: number): Promise<BrokerSocket> {
    return new Promise((resolve, reject) => {
      const socket: BrokerSocket = new BrokerSocket(
        host,
        port,
        () => resolve(socket),
        () => reject(new Error(`no broker at ${host}:${port}`)),
      )
    })
  }

  send(request: EncodedRequest, place: Place = own): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, place, resolve, reject })
      this.#socket.cork()
      for (const chunk of frame(request, this.#correlationId++, clientId)) this.#socket.write(chunk)
      this.#socket.uncork()
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #onRead(read: number): boolean {
    this.#filled += read
    if (this.#filled < this.#target.length) return true
    this.#filled = 0
    if (this.#target === this.#size) {
      const first = this.#waiting[0]
      if (first === undefined) throw new Error('an answer that nobody asked for')
      this.#target = first.place(this.#size.readInt32BE(0))
      return true
    }
    const waiting = this.#waiting.shift()
    const payload = this.#target.subarray(correlationBytes)
    this.#target = this.#size
    waiting?.resolve(responseBody(waiting.request, payload))
    return true
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
