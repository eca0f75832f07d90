import type { EncodedRequest } from '../../kafka/protocol/codec.ts'
import { WireError, type WireLane } from '../../kafka/wire.ts'
import type { NodeId } from '../../model/ids.ts'
import type { Connection } from './connection.ts'

/** One connection a node, made at the first request to it. */
export class Lane implements WireLane {
  readonly #open: (node: NodeId) => Connection
  readonly #connections = new Map<NodeId, Connection>()
  readonly #onClose: () => void
  readonly #onSilence: (node: NodeId) => void
  #closed = false

  constructor(
    open: (node: NodeId) => Connection,
    onClose: () => void,
    onSilence: (node: NodeId) => void,
  ) {
    this.#open = open
    this.#onClose = onClose
    this.#onSilence = onSilence
  }

  /** The connection to a node, made where there is none that lives. */
  connection(node: NodeId): Connection {
    if (this.#closed) throw new WireError('closed', 'the lane is closed', false)
    const present = this.#connections.get(node)
    if (present?.alive === true) return present
    const made = this.#open(node)
    this.#connections.set(node, made)
    return made
  }

  async send(node: NodeId, request: EncodedRequest, timeoutMs: number): Promise<Uint8Array> {
    try {
      return await this.connection(node).send(request, timeoutMs)
    } catch (error) {
      if (error instanceof WireError && error.reason === 'timeout') this.#onSilence(node)
      throw error
    }
  }

  isOpen(node: NodeId): boolean {
    return this.#connections.get(node)?.alive === true
  }

  drop(node: NodeId): void {
    this.#connections.get(node)?.close()
    this.#connections.delete(node)
  }

  /**
   * Follows the brokers of new metadata: a connection made by bootstrap address becomes that
   * node's own, and those to nodes that moved or are gone are dropped.
   */
  follow(addresses: ReadonlyMap<NodeId, string>): void {
    for (const [node, connection] of this.#connections) {
      if (node >= 0 && addresses.get(node) !== connection.address) this.drop(node)
    }
    for (const [node, address] of addresses) {
      const made = Array.from(this.#connections).find(
        ([old, connection]) => old < 0 && connection.address === address,
      )
      if (made === undefined || this.#connections.has(node)) continue
      this.#connections.delete(made[0])
      this.#connections.set(node, made[1])
    }
  }

  close(): Promise<void> {
    this.#closed = true
    this.#onClose()
    for (const node of this.#connections.keys()) this.drop(node)
    return Promise.resolve()
  }
}
