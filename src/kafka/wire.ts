import type { NodeId } from '../model/ids.ts'
import type { EncodedRequest } from './protocol/codec.ts'

/**
 * Requests to brokers and their answers: sockets, TLS, SASL, discovery; no semantics. Implemented
 * over kafkajs (`adapters/kafkajs`) and by the embedded broker called directly
 * (`broker/direct-wire.ts`).
 *
 * @remarks Failures to deliver reject with `WireError`; whether the broker acted on the request is
 * then unknown unless `sent` is false. Error codes inside answers are the caller's business.
 */
export interface KafkaWire {
  /** Connects to one of the bootstrap brokers. @throws WireError when none answers. */
  connect(): Promise<void>
  /** A node to ask when any will do. */
  anyNode(): NodeId
  /**
   * The brokers of the last metadata answer, told by whoever reads metadata, so that lanes can
   * reach new nodes.
   */
  learn(brokers: readonly BrokerAddress[]): void
  /** Versions a node speaks, by API key; asked once per node and connection. */
  apiVersions(node: NodeId): Promise<ApiVersionTable>
  /** A set of sockets of its own, one a node: no head-of-line blocking between lanes. */
  lane(name: LaneName): WireLane
  close(): Promise<void>
}

export type LaneName = 'control' | 'group' | 'heartbeat' | 'fetch' | 'produce' | 'restore'

export interface BrokerAddress {
  readonly nodeId: NodeId
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface ApiVersionTable {
  /** The versions [min, max] of an API, undefined where the broker lacks it. */
  range(apiKey: number): { readonly min: number; readonly max: number } | undefined
  /**
   * Level of a finalized feature (`transaction.version`: 2 = KIP-890), 0 where the cluster has
   * none.
   */
  feature(name: string): number
}

export interface WireLane {
  /**
   * Sends one request; requests to the same node go out in the order of the calls. Resolves with
   * the response's body (header removed); `undefined` never occurs. On time-out the connection is
   * destroyed, so that a late answer cannot be taken for another's.
   * @throws WireError
   */
  send(node: NodeId, request: EncodedRequest, timeoutMs: number): Promise<Uint8Array>
  /**
   * Whether a connection to the node stands. One that has to be made first may lead to a broker
   * that has started again since.
   */
  isOpen(node: NodeId): boolean
  /** Drops the connection to a node, rejecting what is in flight. */
  drop(node: NodeId): void
  close(): Promise<void>
}

/** A request that got no answer. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly reason: 'unreachable' | 'closed' | 'timeout' | 'authentication' | 'tls'
  /** False only when it is certain that no byte of the request left. */
  readonly sent: boolean

  constructor(reason: WireError['reason'], message: string, sent: boolean, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.reason = reason
    this.sent = sent
  }
}
