/** One HTTP port: requests in, replies out, nothing of what they mean. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from '../env/port.ts'
import { messageOf, StreamError } from '../model/errors.ts'

export interface Request {
  readonly method: string
  /** Decoded segments of the path. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  /** Text of the body; empty where there is none. */
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly type: 'application/json' | 'text/plain; version=0.0.4'
  readonly body: string
}

export interface HttpPort {
  /** The one that it listens on, also where it was asked for any. */
  readonly port: number
  /** Ends at once: connections that are kept alive are closed. */
  close(): Promise<void>
}

const bodyBytesMax = 1_048_576

/** @throws StreamError `HTTP_PORT_TAKEN` */
export function openHttpPort(
  at: { readonly host: string; readonly port: number },
  respond: (request: Request) => Promise<Reply>,
  logger: Logger,
): Promise<HttpPort> {
  const server = createServer((request, response) => {
    void answer(request, response, respond, logger)
  })
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(taken(at, cause)))
    server.listen(at, () => {
      server.removeAllListeners('error')
      server.on('error', (error) => logger.warn({ error: error.message }, 'HTTP port'))
      const port = portOf(server)
      logger.info({ host: at.host, port }, 'the HTTP port is open')
      resolve({ port, close: () => closed(server) })
    })
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  respond: (request: Request) => Promise<Reply>,
  logger: Logger,
): Promise<void> {
  try {
    const { status, type, body } = await respond(await parsed(request))
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : body)
  } catch (error) {
    // The other side is gone, or what it sent is no request.
    logger.debug({ error: messageOf(error) }, 'an HTTP request had no answer')
    if (response.headersSent) response.destroy()
    else response.writeHead(400).end()
  }
}

async function parsed(request: IncomingMessage): Promise<Request> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const path = url.pathname.split('/').filter((part) => part !== '')
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    const chunk = Buffer.from(part as Uint8Array)
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Error('the body is too large')
    parts.push(chunk)
  }
  return {
    method: request.method ?? 'GET',
    path: path.map(decodeURIComponent),
    query: url.searchParams,
    body: Buffer.concat(parts).toString('utf8'),
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : -1
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function taken({ host, port }: { host: string; port: number }, cause: Error): StreamError {
  return new StreamError(
    'HTTP_PORT_TAKEN',
    `cannot listen on ${host}:${port}: ${cause.message}; choose another \`port\`, or 0 for any ` +
      'free one',
    { domain: 'user', recovery: 'fatal', cause },
  )
}
