/**
 * One connection of a lane: made once, authenticated, asked for its API versions, then fed with
 * framed requests.
 */
import type { Socket } from 'node:net'
import type { Env } from '../../env/port.ts'
import { decodeResponse, type EncodedRequest, encodeRequest } from '../../kafka/protocol/codec.ts'
import { apiVersions } from '../../kafka/protocol/messages/index.ts'
import { Reader } from '../../kafka/protocol/reader.ts'
import { versionTable } from '../../kafka/client/version-table.ts'
import { type ApiVersionTable, WireError } from '../../kafka/wire.ts'
import { connectFailure } from './failures.ts'
import { frame, responseBody } from './framing.ts'
import type { ConnectionFactory, KafkajsConnection } from './internals.ts'
import type { Receiver } from './receiver.ts'
import { supportedVersions } from './supported-versions.ts'

/** The state of a connection; requests wait in every phase but `ready`. */
type Phase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'ready'; readonly connection: KafkajsConnection; readonly socket: Socket }
  | { readonly kind: 'closed' }

export interface ConnectionSetup {
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly connectTimeoutMs: number
  readonly tls: boolean
  readonly sasl: boolean
  readonly factory: ConnectionFactory
  /** The socket made last for this address; undefined when making it failed. */
  readonly takeSocket: (host: string, port: number) => ReceivingSocket | undefined
  readonly env: Env
}

export interface ReceivingSocket {
  readonly socket: Socket
  readonly receiver: Receiver
}

interface Waiting {
  readonly go: () => void
  readonly fail: (error: WireError) => void
}

export class Connection {
  readonly address: string
  /** Resolves when requests may go out; rejects when the connection could not be made. */
  readonly opened: Promise<ApiVersionTable>
  readonly #setup: ConnectionSetup
  readonly #clientId: Uint8Array
  readonly #waiting: Waiting[] = []
  #phase: Phase = { kind: 'opening' }
  #connection: KafkajsConnection | undefined
  #socket: Socket | undefined
  #failure: WireError | undefined
  #answered = false

  constructor(setup: ConnectionSetup) {
    this.#setup = setup
    this.address = `${setup.host}:${setup.port}`
    this.#clientId = Buffer.from(setup.clientId)
    this.opened = this.#open()
    // Whoever sends hears of the failure through its own request.
    this.opened.catch(() => {})
  }

  /** False once the connection is lost: make a new one. */
  get alive(): boolean {
    const phase = this.#phase
    if (phase.kind === 'ready') return phase.connection.isConnected() && !phase.socket.destroyed
    return phase.kind === 'opening'
  }

  /** The body of the answer. Requests leave in the order of the calls. */
  send(request: EncodedRequest, timeoutMs: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let phase: 'waiting' | 'sent' | 'given-up' = 'waiting'
      const cancel = this.#setup.env.timers.after(timeoutMs, () => {
        const what = `${request.apiName} got no answer from ${this.address} within ${timeoutMs} ms`
        reject(new WireError('timeout', what, phase === 'sent'))
        // The answer may still come and must not be taken for another's.
        if (phase === 'sent') this.close(`closed, because ${what}`)
        phase = 'given-up'
      })
      const fail = (error: WireError) => {
        cancel()
        reject(new WireError(error.reason, error.message, phase === 'sent', error))
      }
      const answer = (payload: Uint8Array) => {
        cancel()
        this.#answered = true
        try {
          resolve(responseBody(request, payload))
        } catch (error) {
          // Thrown on, it would reach the socket's handler and end the process.
          const what = `${this.address}: an answer to ${request.apiName} has a broken header`
          reject(new WireError('closed', what, true, error))
          this.close(what)
        }
      }
      const go = () => {
        if (phase !== 'waiting') return
        phase = 'sent'
        this.#write(request, answer, fail)
      }
      if (this.#failure !== undefined) fail(this.#failure)
      else if (this.#readyNow()) go()
      else this.#waiting.push({ go, fail })
    })
  }

  /** Rejects what is in flight and drops the socket. */
  close(why: string | WireError = 'the connection was closed'): void {
    if (this.#phase.kind === 'closed') return
    const error =
      typeof why === 'string' ? new WireError('closed', `${this.address}: ${why}`, true) : why
    const opening = this.#phase.kind === 'opening'
    this.#phase = { kind: 'closed' }
    this.#failure = error
    // Before disconnect, which would wait for their answers.
    this.#connection?.rejectRequests(error)
    this.#connection?.disconnect().catch(() => {})
    // kafkajs' connection timer ends at an error only, and would hold the process until then.
    this.#socket?.destroy(opening ? error : undefined)
    for (const { fail } of this.#waiting.splice(0)) fail(error)
  }

  #readyNow(): boolean {
    if (this.#phase.kind !== 'ready') return false
    const { connection, socket } = this.#phase
    if (!this.#setup.sasl || connection.isAuthenticated()) return true
    // Requests wait while the SASL session is renewed: the broker refuses others in between.
    this.#phase = { kind: 'opening' }
    this.#authenticate(connection).then(
      () => this.#begin(connection, socket),
      (error: unknown) => this.close(connectFailure(this.address, error, this.#setup)),
    )
    return false
  }

  async #open(): Promise<ApiVersionTable> {
    const { connectTimeoutMs, env } = this.#setup
    const cancel = env.timers.after(connectTimeoutMs * 2, () => {
      const what = `no Kafka broker answered within ${connectTimeoutMs * 2} ms`
      this.close(connectFailure(this.address, new Error(what), this.#setup))
    })
    try {
      return await this.#handshake()
    } catch (error) {
      const failure = connectFailure(this.address, error, this.#setup)
      this.close(failure)
      throw failure
    } finally {
      cancel()
    }
  }

  async #handshake(): Promise<ApiVersionTable> {
    const { host, port, factory, sasl } = this.#setup
    const connection = await factory.create(host, port)
    if (this.#failure !== undefined) throw this.#failure
    this.#connection = connection
    const connecting = connection.connect()
    const made = this.#setup.takeSocket(host, port)
    if (made === undefined) {
      await connecting
      throw new Error('Failed to connect: no socket was made')
    }
    const { socket, receiver } = made
    this.#receive(connection, socket, receiver)
    this.#watch(socket)
    await this.#unlessClosed(connecting)
    const { table, ranges } = await this.#unlessClosed(this.#askVersions(connection, socket))
    connection.setVersions(ranges)
    // Brokers before 1.0 would log in without it, by answers that have no header.
    connection.setSupportAuthenticationProtocol(true)
    if (sasl) await this.#unlessClosed(this.#authenticate(connection))
    this.#begin(connection, socket)
    return table
  }

  /** kafkajs would copy each answer together from chunks. */
  #receive(connection: KafkajsConnection, socket: Socket, receiver: Receiver): void {
    const deliver = (correlationId: number, payload: Uint8Array) =>
      connection.requestQueue.fulfillRequest({ size: payload.length, correlationId, payload })
    receiver.connect(deliver, (why) => this.close(why))
    socket.removeAllListeners('data')
    socket.on('data', (bytes: Buffer) => receiver.take(bytes))
  }

  /** A socket's own error says more than its closing, and comes first. */
  #watch(socket: Socket): void {
    this.#socket = socket
    let cause = new Error('the connection was closed by the other side')
    socket.once('error', (error) => {
      cause = error
    })
    socket.once('close', () => {
      const opened = this.#phase.kind === 'ready'
      this.close(
        opened
          ? `${cause.message}${this.#hint()}`
          : connectFailure(this.address, cause, this.#setup),
      )
    })
  }

  /** kafkajs leaves `connect` pending when a peer ends the connection during it. */
  async #unlessClosed<T>(step: Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure
    const closed = new Promise<never>((_, fail) => this.#waiting.unshift({ go: () => {}, fail }))
    return Promise.race([step, closed])
  }

  /** A broker that demands a login tells its versions to all, and hangs up at the next request. */
  #hint(): string {
    return this.#answered || this.#setup.sasl ? '' : '; does this broker demand a login (sasl)?'
  }

  #begin(connection: KafkajsConnection, socket: Socket): void {
    if (this.#phase.kind === 'closed') return
    this.#phase = { kind: 'ready', connection, socket }
    for (const { go } of this.#waiting.splice(0)) go()
  }

  async #authenticate(connection: KafkajsConnection): Promise<void> {
    await connection.authenticate()
    const lifetimeMs = Number(connection.sessionLifetime.toString())
    // A threshold beyond the lifetime would renew the session before each request.
    if (lifetimeMs > 0) {
      connection.reauthenticationThreshold = Math.min(10_000, Math.floor(lifetimeMs / 4))
    }
  }

  /** The newest question first; a broker that does not know it answers in the oldest form. */
  async #askVersions(connection: KafkajsConnection, socket: Socket) {
    for (const version of [4, 0]) {
      const request = encodeRequest(apiVersions, version, {
        clientSoftwareName: 'millrace',
        clientSoftwareVersion: 'unknown',
      })
      const body = await new Promise<Uint8Array>((resolve, reject) =>
        this.#writeOn(connection, socket, request, resolve, reject),
      )
      if (version > 0 && new Reader(body).int16() === unsupportedVersion) continue
      const answer = decodeResponse(apiVersions, version, new Reader(body))
      return { table: versionTable(answer), ranges: supportedVersions(answer) }
    }
    throw new WireError('unreachable', `${this.address}: the broker tells no API versions`, false)
  }

  #write(
    request: EncodedRequest,
    resolve: (payload: Uint8Array) => void,
    reject: (error: WireError) => void,
  ): void {
    const phase = this.#phase
    if (phase.kind !== 'ready') return reject(new WireError('closed', this.address, false))
    this.#writeOn(phase.connection, phase.socket, request, resolve, (error) => {
      if (error instanceof WireError) return reject(error)
      const what = `${this.address}: ${error.message}${this.#hint()}`
      reject(new WireError('closed', what, true, error))
    })
  }

  #writeOn(
    connection: KafkajsConnection,
    socket: Socket,
    request: EncodedRequest,
    resolve: (payload: Uint8Array) => void,
    reject: (error: Error) => void,
  ): void {
    const { apiKey, apiName, apiVersion } = request
    const correlationId = connection.nextCorrelationId()
    connection.requestQueue.push({
      entry: {
        apiKey,
        apiName,
        apiVersion,
        correlationId,
        resolve: ({ payload }) => resolve(payload),
        reject,
      },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: () => {
        // One writev for all chunks; large ones are not copied together.
        socket.cork()
        for (const chunk of frame(request, correlationId, this.#clientId)) socket.write(chunk)
        socket.uncork()
      },
    })
  }
}

const unsupportedVersion = 35
