/** `KafkaWire` without sockets: requests go straight into an embedded broker of this process. */
import type { Env } from '../../env/port.ts'
import type { EncodedRequest } from '../../kafka/protocol/codec.ts'
import { VersionTables } from '../../kafka/client/version-table.ts'
import {
  type ApiVersionTable,
  type KafkaWire,
  type LaneName,
  WireError,
  type WireLane,
} from '../../kafka/wire.ts'
import { type NodeId, nodeId } from '../../model/ids.ts'
import type { BrokerHost, ConnectionEnd, HostedConnection } from './broker-host.ts'

export class DirectWire implements KafkaWire {
  readonly #host: BrokerHost
  readonly #env: Pick<Env, 'timers'>
  readonly #clientId: string
  readonly #lanes = new Set<DirectLane>()
  readonly #versions = new VersionTables(() => this.lane('control'))

  constructor(host: BrokerHost, env: Pick<Env, 'timers'>, clientId = 'millrace') {
    this.#host = host
    this.#env = env
    this.#clientId = clientId
  }

  async connect(): Promise<void> {}

  anyNode(): NodeId {
    return nodeId(1)
  }

  learn(): void {}

  apiVersions(node: NodeId): Promise<ApiVersionTable> {
    return this.#versions.of(node)
  }

  lane(_name: LaneName): WireLane {
    const lane = new DirectLane(this.#host, this.#env, this.#clientId)
    this.#lanes.add(lane)
    return lane
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) await lane.close()
    this.#lanes.clear()
  }
}

class DirectLane implements WireLane {
  readonly #host: BrokerHost
  readonly #env: Pick<Env, 'timers'>
  readonly #clientId: string
  readonly #connections = new Map<NodeId, DirectConnection>()
  #closed = false

  constructor(host: BrokerHost, env: Pick<Env, 'timers'>, clientId: string) {
    this.#host = host
    this.#env = env
    this.#clientId = clientId
  }

  send(node: NodeId, request: EncodedRequest, timeoutMs: number): Promise<Uint8Array> {
    if (this.#closed) {
      return Promise.reject(new WireError('closed', 'the lane is closed', false))
    }
    const { nodes } = this.#host.broker.cluster.options
    if (node < 1 || node > nodes) {
      const what = `broker ${node} is not one of the embedded brokers`
      return Promise.reject(new WireError('unreachable', what, false))
    }
    let connection = this.#connections.get(node)
    if (connection === undefined || connection.ended) {
      connection = new DirectConnection(this.#host, node, this.#env)
      this.#connections.set(node, connection)
    }
    return connection.send(request, this.#clientId, timeoutMs)
  }

  isOpen(node: NodeId): boolean {
    return this.#connections.get(node)?.ended === false
  }

  drop(node: NodeId): void {
    this.#connections.get(node)?.end('closed', 'the connection was dropped')
    this.#connections.delete(node)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const node of this.#connections.keys()) this.drop(node)
  }
}

interface Pending {
  readonly resolve: (body: Uint8Array) => void
  readonly reject: (error: WireError) => void
  readonly cancelTimeout: () => void
}

class DirectConnection implements ConnectionEnd {
  ended = false
  readonly #hosted: HostedConnection
  readonly #env: Pick<Env, 'timers'>
  readonly #pending = new Map<number, Pending>()
  #sent = 0

  constructor(host: BrokerHost, node: NodeId, env: Pick<Env, 'timers'>) {
    this.#env = env
    this.#hosted = host.connect(node, '/127.0.0.1', this)
  }

  send(request: EncodedRequest, clientId: string, timeoutMs: number): Promise<Uint8Array> {
    const id = ++this.#sent
    const { apiKey, apiVersion, apiName } = request
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#env.timers.after(timeoutMs, () =>
        this.end('timeout', `no answer to ${apiName} within ${timeoutMs} ms`),
      )
      this.#pending.set(id, { resolve, reject, cancelTimeout })
      this.#hosted.submit({ id, apiKey, apiVersion, clientId, body: joined(request.body) })
    })
  }

  respond(request: number, body: readonly Uint8Array[]): void {
    this.#take(request)?.resolve(joined(body))
  }

  done(request: number): void {
    this.#take(request)?.resolve(new Uint8Array(0))
  }

  close(reason: string): void {
    this.end('closed', `the broker closed the connection: ${reason}`)
  }

  /** Rejects what is in flight; whether the broker acted on it is unknown. */
  end(reason: WireError['reason'], message: string): void {
    if (this.ended) return
    this.ended = true
    this.#hosted.disconnect()
    for (const id of this.#pending.keys()) {
      this.#take(id)?.reject(new WireError(reason, message, true))
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.cancelTimeout()
    return pending
  }
}

/** The chunks of a message as one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
