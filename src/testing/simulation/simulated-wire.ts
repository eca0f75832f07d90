/** `KafkaWire` over the simulated network. */
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
import { type ProcessHooks, SimulatedConnection } from './connection.ts'
import type { Network } from './network.ts'
import type { SimulatedProcess } from './process.ts'

export class SimulatedWire implements KafkaWire {
  readonly #network: Network
  readonly #process: SimulatedProcess
  readonly #hooks: ProcessHooks
  readonly #lanes = new Set<SimulatedLane>()
  readonly #versions = new VersionTables(() => this.lane('control'))

  constructor(network: Network, process: SimulatedProcess, hooks: ProcessHooks) {
    this.#network = network
    this.#process = process
    this.#hooks = hooks
  }

  async connect(): Promise<void> {
    // A connection takes its time, and there is one only where a broker is.
    await this.apiVersions(this.anyNode())
  }

  anyNode(): NodeId {
    const { nodes } = this.#network
    return nodes.find((node) => !this.#network.isDown(node)) ?? nodes[0] ?? nodeId(1)
  }

  learn(): void {}

  apiVersions(node: NodeId): Promise<ApiVersionTable> {
    return this.#versions.of(node)
  }

  lane(_name: LaneName): WireLane {
    const lane = new SimulatedLane(this.#network, this.#process, this.#hooks)
    this.#lanes.add(lane)
    return lane
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) lane.sever()
    this.#lanes.clear()
  }

  /** The process is gone: its sockets are closed by its system. */
  sever(): void {
    for (const lane of this.#lanes) lane.sever()
  }

  /** Breaks one of the connections. */
  breakOne(random: () => number): boolean {
    const open = [...this.#lanes].flatMap((lane) => lane.open)
    const chosen = open[Math.floor(random() * open.length)]
    chosen?.break()
    return chosen !== undefined
  }
}

class SimulatedLane implements WireLane {
  readonly #network: Network
  readonly #process: SimulatedProcess
  readonly #hooks: ProcessHooks
  readonly #connections = new Map<NodeId, SimulatedConnection>()
  #closed = false

  constructor(network: Network, process: SimulatedProcess, hooks: ProcessHooks) {
    this.#network = network
    this.#process = process
    this.#hooks = hooks
  }

  get open(): readonly SimulatedConnection[] {
    return [...this.#connections.values()].filter(({ ended }) => !ended)
  }

  async send(node: NodeId, request: EncodedRequest, timeoutMs: number): Promise<Uint8Array> {
    if (this.#closed) throw new WireError('closed', 'the lane is closed', false)
    const open = this.#connections.get(node)
    if (open !== undefined && !open.ended) return open.send(request, timeoutMs)
    if (!this.#network.isDown(node)) {
      const made = new SimulatedConnection(this.#network, this.#process, node, this.#hooks)
      this.#connections.set(node, made)
      return made.send(request, timeoutMs)
    }
    await this.#process.env.timers.sleep(this.#network.latencyMs())
    throw new WireError('unreachable', `broker ${node} does not answer`, false)
  }

  isOpen(node: NodeId): boolean {
    return this.#connections.get(node)?.ended === false
  }

  drop(node: NodeId): void {
    this.#connections.get(node)?.end('closed', 'the connection was dropped')
    this.#connections.delete(node)
  }

  sever(): void {
    this.#closed = true
    for (const node of this.#connections.keys()) this.drop(node)
  }

  async close(): Promise<void> {
    this.sever()
  }
}
