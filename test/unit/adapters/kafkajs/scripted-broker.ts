/** A listener that answers ApiVersions, and everything else as a test says. */
import { createServer, type Server, type Socket } from 'node:net'
import { encodeResponse } from '../../../../src/kafka/protocol/codec.ts'
import { apiVersions } from '../../../../src/kafka/protocol/messages/index.ts'

export interface Asked {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly frame: Buffer
  answer(...chunks: readonly Uint8Array[]): void
  readonly socket: Socket
}

export interface ScriptedBroker {
  readonly address: string
  readonly asked: Asked[]
  connections: number
  close(): Promise<void>
}

/** @param on Called for each request but ApiVersions. */
export async function scriptedBroker(on: (asked: Asked) => void): Promise<ScriptedBroker> {
  const sockets = new Set<Socket>()
  const asked: Asked[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    broker.connections++
    socket.on('error', () => {})
    let buffered = Buffer.alloc(0)
    socket.on('data', (data) => {
      buffered = Buffer.concat([buffered, data])
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const size = buffered.readInt32BE(0)
        receive(buffered.subarray(4, 4 + size), socket)
        buffered = buffered.subarray(4 + size)
      }
    })
  })
  const receive = (frame: Buffer, socket: Socket) => {
    const request: Asked = {
      apiKey: frame.readInt16BE(0),
      apiVersion: frame.readInt16BE(2),
      correlationId: frame.readInt32BE(4),
      frame,
      answer(...chunks) {
        const head = Buffer.alloc(8)
        const body = Buffer.concat(chunks)
        head.writeInt32BE(4 + body.length, 0)
        head.writeInt32BE(request.correlationId, 4)
        socket.write(Buffer.concat([head, body]))
      },
      socket,
    }
    if (request.apiKey !== apiVersions.key) {
      asked.push(request)
      return on(request)
    }
    if (request.apiVersion > 0) return request.answer(Buffer.from([0, 35, 0, 0, 0, 0]))
    request.answer(
      ...encodeResponse(apiVersions, 0, {
        errorCode: 0,
        apiKeys: [{ apiKey: 3, minVersion: 1, maxVersion: 12 }],
      }),
    )
  }
  const broker: ScriptedBroker = {
    address: await listen(server),
    asked,
    connections: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return broker
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const at = server.address()
      resolve(typeof at === 'object' && at !== null ? `127.0.0.1:${at.port}` : '')
    })
  })
}
