import type { NodeId } from '../../model/ids.ts'

/** One received request: its header decoded, its body not. */
export interface BrokerRequest {
  /** Names the request in effects; given by the front, unique among requests without an answer. */
  readonly id: number
  /** Requests of one connection are carried out one after the other, in order, as Kafka does it. */
  readonly connection: string
  /** The node that was asked. */
  readonly node: NodeId
  readonly clientId: string | null
  readonly clientHost: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly body: Uint8Array
}

/** What a step of the broker asks its front to do, in this order. */
export type Effect =
  | {
      readonly kind: 'respond'
      readonly request: number
      readonly connection: string
      /** The response without its header. */
      readonly body: readonly Uint8Array[]
      /** Response header version 1 (with tagged fields) instead of 0. */
      readonly flexibleHeader: boolean
    }
  /** The request asks for no answer (Produce with acks 0). */
  | { readonly kind: 'done'; readonly request: number; readonly connection: string }
  | {
      readonly kind: 'close'
      readonly connection: string
      readonly reason: string
      /** Who gave reason to it: a client that broke the protocol, or a fault that was asked for. */
      readonly cause: 'client' | 'fault'
    }
