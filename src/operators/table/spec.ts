/** Operators from table to table. */
import type { Serde } from '../../serde/serde.ts'
import type { StoreSpec } from '../../state/spec.ts'
import type { Emit, ErrorPolicy } from '../policy.ts'

/** A user's function of a row, with its types erased: see `OperatorSpec`. */
export type ErasedRowFn<R> = { erased(value: unknown, key: unknown): R }['erased']

/** What the row of a joined table is made of; null for a row that is not there. */
export type RowJoiner = { erased(left: unknown, right: unknown, key: unknown): unknown }['erased']

/** A table that another operator looks up. */
export interface ViewedTable {
  readonly key: Serde<unknown>
  /** Undefined: its rows are made of those of the table before it when they are looked up. */
  readonly store: StoreSpec | undefined
}

export type TableSpec =
  | VersionedTableSpec
  | TableFilterSpec
  | TableMapValuesSpec
  | TableJoinSideSpec
  | TableMergeSpec
  | TableGroupBySpec
  | TableAggregateSpec

/** Rows that a predicate lets through; the others are not there. */
export interface TableFilterSpec {
  readonly kind: 'table-filter'
  readonly fn: ErasedRowFn<boolean>
  /** True for `filterNot`. */
  readonly negated: boolean
  /** Without it, rows are made anew from those of the table before. */
  readonly store?: StoreSpec
  readonly onError: ErrorPolicy
}

export interface TableMapValuesSpec {
  readonly kind: 'table-map-values'
  readonly fn: ErasedRowFn<unknown>
  readonly store?: StoreSpec
  readonly onError: ErrorPolicy
}

export type TableJoinKind = 'inner' | 'left' | 'outer'

/** Takes the changes of one side of a join, and looks up the other. */
export interface TableJoinSideSpec {
  readonly kind: 'table-join-side'
  readonly side: 'left' | 'right'
  readonly join: TableJoinKind
  readonly other: ViewedTable
  readonly fn: RowJoiner
  readonly onError: ErrorPolicy
}

/** What both sides of a join say, as one table. */
export interface TableMergeSpec {
  readonly kind: 'table-merge'
  readonly join: TableJoinKind
  readonly fn: RowJoiner
  readonly store?: StoreSpec
  readonly onError: ErrorPolicy
}

/** True where a side's rows are in the result without a partner: then it reads their old values. */
export function keepsRows({ side, join }: TableJoinSideSpec): boolean {
  return join === 'outer' || (join === 'left' && side === 'left')
}

/** Sends what each change adds to groups, and takes from them, to the tasks of these. */
export interface TableGroupBySpec {
  readonly kind: 'table-group-by'
  readonly fn: ErasedRowFn<readonly [key: unknown, value: unknown]>
  /** Of the groups' keys. */
  readonly key: Serde<unknown>
  readonly onError: ErrorPolicy
}

/** Folds the rows of each group. */
export interface TableAggregateSpec {
  readonly kind: 'table-aggregate'
  readonly function: RowAggregation
  readonly store: StoreSpec
  readonly emit: Emit
  readonly onError: ErrorPolicy
}

type RowFold = { erased(aggregate: unknown, value: unknown, key: unknown): unknown }['erased']

export type RowAggregation =
  | { readonly kind: 'count' }
  | { readonly kind: 'reduce'; readonly add: RowFold; readonly subtract: RowFold }
  | {
      readonly kind: 'aggregate'
      readonly init: () => unknown
      readonly add: RowFold
      readonly subtract: RowFold
    }

/** A table of a topic that knows what its rows were. */
export interface VersionedTableSpec {
  readonly kind: 'versioned-table'
  readonly topic: string
  readonly key: Serde<unknown>
  /** By key and time. */
  readonly store: StoreSpec
  readonly retentionMs: number
  readonly onError: ErrorPolicy
}
