/** The embedded broker behind TCP: any Kafka client can use it. For development and tests. */
import { createServer, type Server } from 'node:net'
import type { Env } from '../../env/port.ts'
import { Broker } from '../../kafka/broker/broker.ts'
import type { BrokerOptions } from '../../kafka/broker/options.ts'
import type { Decompress } from '../../kafka/protocol/record-batch/compression.ts'
import { StreamError } from '../../model/errors.ts'
import { type NodeId, nodeId } from '../../model/ids.ts'
import { BrokerHost } from '../direct-wire/broker-host.ts'
import { TcpConnection } from './connection.ts'

export interface TcpBrokerOptions {
  readonly env: Pick<Env, 'clock' | 'timers' | 'logger'>
  /**
   * Address to listen on. Whoever can reach it can read and write everything: there is no
   * authentication.
   * @default '127.0.0.1'
   */
  readonly host?: string
  /** Port of the first node; further nodes take the ones after it. 0: any free ports. @default 0 */
  readonly port?: number
  /** What metadata tells clients to connect to. @default the host */
  readonly advertisedHost?: string
  /** `socket.request.max.bytes`: a longer request closes its connection. @default 104857600 */
  readonly frameBytesMax?: number
  readonly broker?: Partial<BrokerOptions>
  /**
   * For looking into compressed batches (compaction, offsets by timestamp); else they are only
   * stored.
   */
  readonly decompress?: Decompress
}

export interface TcpBroker {
  /** `host:port` of each node, to be used as bootstrap servers. */
  readonly addresses: readonly string[]
  readonly broker: Broker
  readonly host: BrokerHost
  /** Stops listening and closes all connections; what was written is gone. */
  close(): Promise<void>
}

/** @throws StreamError BROKER_PORT_TAKEN when a port cannot be listened on. */
export async function startTcpBroker(options: TcpBrokerOptions): Promise<TcpBroker> {
  const broker = new Broker(options.broker, options.decompress)
  const host = new BrokerHost(broker, options.env)
  const servers: Server[] = []
  const close = async () => {
    host.close()
    await Promise.all(servers.map(closeServer))
  }
  try {
    for (const node of broker.cluster.nodeIds()) {
      const server = await listen(options, host, node)
      servers.push(server)
      const advertised = options.advertisedHost ?? options.host ?? loopback
      const address = { nodeId: node, host: advertised, port: portOf(server), rack: null }
      broker.cluster.setAddress(address)
    }
  } catch (error) {
    await close()
    throw error
  }
  const addresses = broker.cluster.addresses().map(({ host, port }) => `${host}:${port}`)
  return { addresses, broker, host, close }
}

const loopback = '127.0.0.1'
const frameBytesMaxDefault = 100 * 1024 * 1024

function listen(options: TcpBrokerOptions, brokerHost: BrokerHost, node: NodeId): Promise<Server> {
  const { host = loopback, port: first = 0, frameBytesMax = frameBytesMaxDefault } = options
  const port = first === 0 ? 0 : first + node - nodeId(1)
  const logger = options.env.logger.child({ node })
  const server = createServer((socket) => {
    void new TcpConnection(socket, brokerHost, node, frameBytesMax, logger)
  })
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on ${host}:${port}: ${cause.message}; choose another port`
      const about = { domain: 'external', recovery: 'fatal', cause } as const
      reject(new StreamError('BROKER_PORT_TAKEN', message, about))
    })
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      server.on('error', (error) => logger.warn({ err: error }, 'listening failed'))
      resolve(server)
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : -1
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
