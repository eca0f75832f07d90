/** Which brokers are there, and how long the ways between them and processes take. */
import type { BrokerHost } from '../../adapters/direct-wire/broker-host.ts'
import type { NodeId } from '../../model/ids.ts'
import type { Fates } from './fates.ts'
import type { Faults } from './faults.ts'
import type { EventLabel, Scheduler } from './scheduler.ts'
import type { SimulatedConnection } from './connection.ts'

export interface NetworkParts {
  readonly scheduler: Scheduler
  readonly host: BrokerHost
  readonly faults: Faults
  readonly fates: Fates
}

export class Network {
  readonly scheduler: Scheduler
  readonly host: BrokerHost
  readonly faults: Faults
  readonly fates: Fates
  readonly #random: () => number
  /** Time at which a broker is there again, and its answers come at once again. */
  readonly #down = new Map<NodeId, number>()
  readonly #slow = new Map<NodeId, number>()
  #fetchesSlowUntilMs = 0
  readonly #connections = new Set<SimulatedConnection>()

  constructor({ scheduler, host, faults, fates }: NetworkParts) {
    this.scheduler = scheduler
    this.host = host
    this.faults = faults
    this.fates = fates
    this.#random = scheduler.random('network')
  }

  get nodes(): readonly NodeId[] {
    return this.host.broker.cluster.nodeIds()
  }

  isDown(node: NodeId): boolean {
    return (this.#down.get(node) ?? 0) > this.scheduler.nowMs
  }

  /** One way, in milliseconds: most are short, some are not. */
  latencyMs(): number {
    const drawn = this.#random()
    return drawn < 0.98 ? 0.1 + drawn : 2 + this.#random() * 20
  }

  /** What an answer of a broker takes longer at the moment. */
  replyDelayMs(node: NodeId, isFetch: boolean): number {
    const { nowMs } = this.scheduler
    const throttled = (this.#slow.get(node) ?? 0) > nowMs ? 50 + this.#random() * 200 : 0
    const slow = isFetch && this.#fetchesSlowUntilMs > nowMs ? 100 + this.#random() * 900 : 0
    return throttled + slow
  }

  /** A broker is away: its connections break, new ones are refused. */
  takeDown(node: NodeId, ms: number): void {
    this.#down.set(node, this.scheduler.nowMs + ms)
    for (const connection of this.#connections) if (connection.node === node) connection.break()
  }

  throttle(node: NodeId, ms: number): void {
    this.#slow.set(node, this.scheduler.nowMs + ms)
  }

  slowFetches(ms: number): void {
    this.#fetchesSlowUntilMs = this.scheduler.nowMs + ms
  }

  /** Everything is well from now on. */
  heal(): void {
    this.#down.clear()
    this.#slow.clear()
    this.#fetchesSlowUntilMs = 0
  }

  add(connection: SimulatedConnection): void {
    this.#connections.add(connection)
  }

  remove(connection: SimulatedConnection): void {
    this.#connections.delete(connection)
  }

  after(delayMs: number, label: EventLabel, run: () => void): void {
    this.scheduler.after(delayMs, label, run)
  }
}
