/**
 * `KafkaWire` over kafkajs' connections. kafkajs gives TCP, TLS and SASL; discovery, consumers,
 * producers and transactions are Millrace's own (docs/decisions).
 */
import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { KafkaConfig } from 'kafkajs'
import type { Env } from '../../env/port.ts'
import {
  type ApiVersionTable,
  type BrokerAddress,
  type KafkaWire,
  type LaneName,
  WireError,
  type WireLane,
} from '../../kafka/wire.ts'
import { type NodeId, nodeId } from '../../model/ids.ts'
import { Connection, type ReceivingSocket } from './connection.ts'
import { Lane } from './lane.ts'
import { connectionFactory, type ConnectionFactory } from './internals.ts'
import { Receiver } from './receiver.ts'

export interface KafkajsWireOptions {
  /** Bootstrap addresses, `host:port`. */
  readonly brokers: readonly string[]
  /** @default 'millrace' */
  readonly clientId?: string
  /**
   * Off where absent; `true` or options of Node's `tls.connect` (`ca`, `cert`, `key`,
   * `rejectUnauthorized`, …).
   */
  readonly ssl?: KafkaConfig['ssl']
  /** `plain`, `scram-sha-256` or `scram-sha-512` with user name and password. */
  readonly sasl?: KafkaConfig['sasl']
  /**
   * For TCP and TLS; the whole way to an authenticated connection has twice this. @default 5000
   * (milliseconds)
   */
  readonly connectTimeoutMs?: number
}

/**
 * @throws StreamError `KAFKAJS_INCOMPATIBLE` when the installed kafkajs is not the one this is
 * made for.
 */
export function kafkajsWire(options: KafkajsWireOptions, env: Env): KafkaWire {
  return new KafkajsWire(options, env)
}

interface Address {
  readonly host: string
  readonly port: number
}

class KafkajsWire implements KafkaWire {
  readonly #options: KafkajsWireOptions
  readonly #env: Env
  readonly #factory: ConnectionFactory
  readonly #bootstrap: ReadonlyMap<NodeId, Address>
  readonly #lanes = new Set<Lane>()
  readonly #control: Lane
  readonly #sockets = new Map<string, ReceivingSocket>()
  readonly #versions = new Map<NodeId, Connection>()
  #learnt = new Map<NodeId, Address>()
  #preferred = 0

  constructor(options: KafkajsWireOptions, env: Env) {
    this.#options = options
    this.#env = env
    // Bootstrap addresses are nodes −1, −2, … until metadata tells the real ids.
    this.#bootstrap = new Map(options.brokers.map((text, i) => [nodeId(-1 - i), address(text)]))
    this.#factory = connectionFactory(
      {
        ssl: options.ssl,
        sasl: options.sasl,
        clientId: options.clientId ?? 'millrace',
        connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
        socketFactory: ({ host, port, ssl, onConnect }) => {
          const receiver = new Receiver()
          const socket = ssl
            ? connectTls(
                { host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl },
                onConnect,
              )
            : connectTcp({ host, port, onread: receiver.onread }, onConnect)
          socket.setNoDelay(true).setKeepAlive(true, 60_000)
          this.#sockets.set(`${host}:${port}`, { socket, receiver })
          return socket
        },
      },
      env.logger,
    )
    this.#control = this.#lane()
  }

  async connect(): Promise<void> {
    const failures: WireError[] = []
    for (const node of this.#bootstrap.keys()) {
      try {
        await this.#control.connection(node).opened
        this.#prefer(node)
        return
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        failures.push(error)
      }
    }
    throw noneAnswered(failures)
  }

  anyNode(): NodeId {
    const nodes = this.#nodes()
    const node = nodes[this.#preferred % nodes.length]
    if (node === undefined) throw new WireError('unreachable', 'no broker address is known', false)
    return node
  }

  learn(brokers: readonly BrokerAddress[]): void {
    this.#learnt = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    const texts = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]))
    for (const lane of this.#lanes) lane.follow(texts)
  }

  async apiVersions(node: NodeId): Promise<ApiVersionTable> {
    const known = this.#versions.get(node)
    if (known?.alive === true) return known.opened
    return this.#control.connection(node).opened
  }

  lane(_name: LaneName): WireLane {
    return this.#lane()
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#lanes, (lane) => lane.close()))
  }

  #lane(): Lane {
    const lane: Lane = new Lane(
      (node) => this.#open(node),
      () => this.#lanes.delete(lane),
      (node) => this.#skip(node),
    )
    this.#lanes.add(lane)
    return lane
  }

  /** Learnt nodes first; the bootstrap addresses stay as a way back when all of those are gone. */
  #nodes(): readonly NodeId[] {
    return [...this.#learnt.keys(), ...this.#bootstrap.keys()]
  }

  #prefer(node: NodeId): void {
    this.#preferred = Math.max(0, this.#nodes().indexOf(node))
  }

  #address(node: NodeId): Address | undefined {
    return this.#learnt.get(node) ?? this.#bootstrap.get(node)
  }

  #open(node: NodeId): Connection {
    const found = this.#address(node)
    if (found === undefined) {
      throw new WireError('unreachable', `broker ${node} is not in the metadata`, false)
    }
    const connection = new Connection({
      ...found,
      clientId: this.#options.clientId ?? 'millrace',
      connectTimeoutMs: this.#options.connectTimeoutMs ?? 5_000,
      tls: this.#options.ssl !== undefined && this.#options.ssl !== false,
      sasl: this.#options.sasl !== undefined,
      factory: this.#factory,
      takeSocket: (host, port) => this.#takeSocket(host, port),
      env: this.#env,
    })
    connection.opened.then(
      () => this.#versions.set(node, connection),
      () => this.#skip(node),
    )
    return connection
  }

  /** The next call of `anyNode` names another one. */
  #skip(node: NodeId): void {
    const nodes = this.#nodes()
    if (nodes[this.#preferred % nodes.length] === node) this.#preferred++
  }

  #takeSocket(host: string, port: number): ReceivingSocket {
    const key = `${host}:${port}`
    const socket = this.#sockets.get(key)
    if (socket === undefined)
      throw new WireError('unreachable', `${key}: no socket was made`, false)
    this.#sockets.delete(key)
    return socket
  }
}

function address(text: string): Address {
  const at = text.lastIndexOf(':')
  const host = text.slice(0, at).replace(/^\[|\]$/g, '')
  const port = Number(text.slice(at + 1))
  if (at < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    const what = `"${text}" is not a broker address; write host:port, as in localhost:9092`
    throw new WireError('unreachable', what, false)
  }
  return { host, port }
}

/**
 * One error that names every address tried with its own reason; the reason most in need of action
 * is the whole's.
 */
function noneAnswered(failures: readonly WireError[]): WireError {
  const reasons: readonly WireError['reason'][] = ['authentication', 'tls', 'closed']
  const reason = reasons.find((r) => failures.some((failure) => failure.reason === r))
  const list = failures.map((failure) => failure.message).join('\n  ')
  const what = `no broker could be reached:\n  ${list === '' ? 'no address was given' : list}`
  return new WireError(reason ?? 'unreachable', what, false, failures[0])
}
