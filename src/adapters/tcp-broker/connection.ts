/** One client's socket: frames in, answers out in the order of the requests. */
import type { Socket } from 'node:net'
import type { Logger } from '../../env/port.ts'
import { readRequestHeader } from '../../kafka/broker/request-header.ts'
import { MalformedMessage } from '../../kafka/protocol/reader.ts'
import type { NodeId } from '../../model/ids.ts'
import type {
  BrokerHost,
  CloseCause,
  ConnectionEnd,
  HostedConnection,
} from '../direct-wire/broker-host.ts'
import { FrameReader, FrameTooLarge } from './frames.ts'

/** Requests without an answer, above which the socket is not read. */
const pendingMax = 64
/** Answer bytes that the client has not taken, above which the socket is not read. */
const unsentBytesMax = 16 * 1024 * 1024

export class TcpConnection implements ConnectionEnd {
  readonly #socket: Socket
  readonly #logger: Logger
  readonly #frames: FrameReader
  readonly #hosted: HostedConnection
  /** Request id → correlation id. */
  readonly #pending = new Map<number, number>()
  #received = 0

  constructor(
    socket: Socket,
    host: BrokerHost,
    node: NodeId,
    frameBytesMax: number,
    logger: Logger,
  ) {
    this.#socket = socket
    this.#logger = logger.child({ client: `${socket.remoteAddress}:${socket.remotePort}` })
    this.#frames = new FrameReader(frameBytesMax)
    this.#hosted = host.connect(node, `/${socket.remoteAddress ?? 'unknown'}`, this)
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('drain', () => this.#flow())
    socket.on('error', (error) => this.#logger.debug({ err: error }, 'connection failed'))
    socket.on('close', () => this.#hosted.disconnect())
  }

  #receive(chunk: Buffer): void {
    try {
      this.#frames.push(chunk, (frame) => this.#request(frame))
    } catch (error) {
      if (!(error instanceof MalformedMessage) && !(error instanceof FrameTooLarge)) throw error
      this.close(error.message, 'client')
    }
    this.#flow()
  }

  #request(frame: Buffer): void {
    const { apiKey, apiVersion, correlationId, clientId, body } = readRequestHeader(frame)
    const id = ++this.#received
    this.#pending.set(id, correlationId)
    this.#hosted.submit({ id, apiKey, apiVersion, clientId, body })
  }

  respond(request: number, body: readonly Uint8Array[], flexibleHeader: boolean): void {
    const correlationId = this.#pending.get(request)
    if (correlationId === undefined || this.#socket.destroyed) return
    this.#pending.delete(request)
    const header = Buffer.alloc(flexibleHeader ? 9 : 8)
    const bodyBytes = body.reduce((sum, chunk) => sum + chunk.length, 0)
    header.writeInt32BE(header.length - 4 + bodyBytes)
    header.writeInt32BE(correlationId, 4)
    this.#socket.cork()
    this.#socket.write(header)
    for (const chunk of body) this.#socket.write(chunk)
    this.#socket.uncork()
    this.#flow()
  }

  done(request: number): void {
    this.#pending.delete(request)
    this.#flow()
  }

  close(reason: string, cause: CloseCause): void {
    if (this.#socket.destroyed) return
    if (cause === 'client') this.#logger.warn({ reason }, 'connection closed')
    else this.#logger.debug({ reason }, 'connection closed')
    this.#socket.destroy()
  }

  /** Reads on while the client takes its answers and the broker keeps up. */
  #flow(): void {
    const full = this.#pending.size > pendingMax || this.#socket.writableLength > unsentBytesMax
    if (full && !this.#socket.isPaused()) this.#socket.pause()
    else if (!full && this.#socket.isPaused()) this.#socket.resume()
  }
}
