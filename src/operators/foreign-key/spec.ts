/** The operators of a foreign-key join (after KIP-213), in the order in which changes meet them. */
import type { Serde } from '../../serde/serde.ts'
import type { StoreSpec } from '../../state/spec.ts'
import type { ErrorPolicy } from '../policy.ts'
import type { ErasedRowFn, RowJoiner, ViewedTable } from '../table/spec.ts'

export type ForeignKeySpec =
  | SubscribeSpec
  | SubscriptionsSpec
  | ForeignRowsSpec
  | ForeignKeyJoinSpec
  | ForeignKeyResultSpec

/**
 * Tells the tasks of the other table which of its rows a row of the left one points to. Port 0 are
 * these subscriptions; port 1 are results that need no other row.
 */
export interface SubscribeSpec {
  readonly kind: 'foreign-key-subscribe'
  readonly join: 'inner' | 'left'
  readonly foreignKeyOf: ErasedRowFn<unknown>
  readonly fn: RowJoiner
  readonly key: Serde<unknown>
  /** Of the left table's values, which are known by the hash of their bytes. */
  readonly value: Serde<unknown>
  readonly foreignKey: Serde<unknown>
  readonly onError: ErrorPolicy
}

/** Keeps who points to a row, and answers with the row. */
export interface SubscriptionsSpec {
  readonly kind: 'foreign-key-subscriptions'
  /** By foreign key and key. */
  readonly store: StoreSpec
  readonly other: ViewedTable
  /** Of the left table. */
  readonly key: Serde<unknown>
}

/** Answers all who point to a row with its change. */
export interface ForeignRowsSpec {
  readonly kind: 'foreign-key-rows'
  /** The store of the `foreign-key-subscriptions`. */
  readonly subscriptions: StoreSpec
  readonly foreignKey: Serde<unknown>
  readonly key: Serde<unknown>
}

/** Joins each answer with the row that it is for, if that still is what it was. */
export interface ForeignKeyJoinSpec {
  readonly kind: 'foreign-key-join'
  readonly join: 'inner' | 'left'
  readonly left: ViewedTable
  readonly value: Serde<unknown>
  readonly fn: RowJoiner
  readonly onError: ErrorPolicy
}

/** Keeps the result. */
export interface ForeignKeyResultSpec {
  readonly kind: 'foreign-key-result'
  readonly store: StoreSpec
}
