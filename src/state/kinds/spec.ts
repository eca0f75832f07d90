import type { Serde } from '../../serde/serde.ts'
import type { TtlSpec } from './ttl.ts'

interface Living {
  readonly ttl: TtlSpec | undefined
}

export interface ValueSpec extends Living {
  readonly kind: 'value'
  readonly value: Serde<unknown>
}

export interface ListSpec extends Living {
  readonly kind: 'list'
  readonly element: Serde<unknown>
}

export interface MapSpec extends Living {
  readonly kind: 'map'
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

export interface ReducingSpec extends Living {
  readonly kind: 'reducing'
  readonly value: Serde<unknown>
  reduce(aggregate: unknown, value: unknown): unknown
}

export interface AggregatingSpec extends Living {
  readonly kind: 'aggregating'
  readonly value: Serde<unknown>
  init(): unknown
  add(aggregate: unknown, value: unknown): unknown
  result(aggregate: unknown): unknown
}

/** A map that every task has whole. */
export interface BroadcastSpec {
  readonly kind: 'broadcast'
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

/** A state as its operator declares it: one store, keyed by the key of the records. */
export type StateSpec = ValueSpec | ListSpec | MapSpec | ReducingSpec | AggregatingSpec
