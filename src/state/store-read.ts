/** What is asked of a store from outside, and what it answers, in bytes: both cross threads. */
import type { Isolation } from './spec.ts'

export type StoreRead =
  | { readonly kind: 'get'; readonly key: Uint8Array }
  | {
      readonly kind: 'range'
      /** Bounds are key bytes in unsigned order; `to` is not included. */
      readonly from: Uint8Array | undefined
      readonly to: Uint8Array | undefined
      readonly reverse: boolean
      readonly limit: number
    }
  | {
      readonly kind: 'windows'
      /** Without the window. */
      readonly key: Uint8Array
      /** Starts of windows, milliseconds since 1970, both included. */
      readonly fromMs: number
      readonly toMs: number
      readonly reverse: boolean
      readonly limit: number
    }

export interface StoreRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export interface StoreQuestion {
  readonly store: string
  readonly read: StoreRead
  readonly isolation: Isolation
  /** The parts that have to answer; undefined: all that are here. */
  readonly partitions: readonly number[] | undefined
  /** A standby may answer that was level with its changelog so long ago; undefined: none may. */
  readonly staleMs: number | undefined
}

export interface StorePart {
  readonly partition: number
  readonly role: 'active' | 'standby'
  readonly rows: readonly StoreRow[]
}

/** A part that cannot answer, and why. */
export interface SilentPart {
  readonly partition: number
  readonly reason: string
}

export interface StoreAnswer {
  readonly parts: readonly StorePart[]
  readonly silent: readonly SilentPart[]
}
