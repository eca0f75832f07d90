/**
 * What each operator is told: the data behind the nodes of a topology. The running half of an
 * operator is made from its specification in the file of its kind.
 */
import type { Header } from '../model/record.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoredWindow, StoreSpec } from '../state/spec.ts'
import type { Emit, ErrorPolicy } from './policy.ts'
import type { ProcessSpec } from './process/spec.ts'
import type { RecordContext } from './record.ts'
import type { ForeignKeySpec } from './foreign-key/spec.ts'
import type { TableSpec, ViewedTable } from './table/spec.ts'

export type { Emit, ErrorPolicy } from './policy.ts'

export type KeyValue = readonly [key: unknown, value: unknown]
/**
 * A user's function with its types erased. Method syntax compares parameters both ways, so that
 * `(order: Order) => …` is one without an assertion: the DSL has already checked its types
 * against the stream's.
 */
type Fn<R> = { erased(value: unknown, key: unknown, record: RecordContext): R }['erased']

/** A windowed table can also tell each window once, when it closes. */
export type WindowEmit = Exclude<Emit, 'change'> | 'final'

export type OperatorSpec =
  | { readonly kind: 'map'; readonly fn: Fn<KeyValue>; readonly onError: ErrorPolicy }
  | { readonly kind: 'map-values'; readonly fn: Fn<unknown>; readonly onError: ErrorPolicy }
  | {
      readonly kind: 'flat-map'
      readonly fn: Fn<Iterable<KeyValue>>
      readonly onError: ErrorPolicy
    }
  | {
      readonly kind: 'flat-map-values'
      readonly fn: Fn<Iterable<unknown>>
      readonly onError: ErrorPolicy
    }
  | {
      readonly kind: 'filter'
      readonly fn: Fn<boolean>
      /** True for `filterNot`. */
      readonly negated: boolean
      readonly onError: ErrorPolicy
    }
  | { readonly kind: 'select-key'; readonly fn: Fn<unknown>; readonly onError: ErrorPolicy }
  | { readonly kind: 'peek'; readonly fn: Fn<void>; readonly onError: ErrorPolicy }
  | { readonly kind: 'merge' }
  | {
      readonly kind: 'split'
      /**
       * First match wins; a record without a match goes to `rest`, or nowhere. Output ports are in
       * this order.
       */
      readonly branches: readonly {
        readonly name: string
        readonly predicate: Fn<boolean> | 'rest'
      }[]
      readonly onError: ErrorPolicy
    }
  | AggregateSpec
  | WindowedAggregateSpec
  | SessionAggregateSpec
  | SlidingAggregateSpec
  | SuppressSpec
  | JoinSpec
  | StreamJoinSpec
  | TableSpec
  | ForeignKeySpec
  | ProcessSpec
  | GlobalJoinSpec
  | { readonly kind: 'to-table'; readonly store: StoreSpec; readonly emit: Emit }
  /** From changes to records: the new value, null for a deletion. */
  | { readonly kind: 'to-stream' }

/** `count`, `reduce` and `aggregate` over a key; the output is a table's changes. */
export interface AggregateSpec {
  readonly kind: 'aggregate'
  readonly function: AggregateFunction
  readonly store: StoreSpec
  readonly emit: Emit
  readonly onError: ErrorPolicy
}

export type AggregateFunction =
  | { readonly kind: 'count' }
  | { readonly kind: 'reduce'; readonly fn: Fold }
  | { readonly kind: 'aggregate'; readonly init: () => unknown; readonly add: Fold }

/** The same over a key and window; keys of the output and of the store are windowed. */
export interface WindowedAggregateSpec {
  readonly kind: 'windowed-aggregate'
  readonly function: AggregateFunction
  /** Of the records' keys. */
  readonly key: Serde<unknown>
  readonly window: StoredWindow
  readonly store: StoreSpec
  readonly emit: WindowEmit
  readonly onError: ErrorPolicy
}

/** The same over sessions of a key. */
export interface SessionAggregateSpec {
  readonly kind: 'session-aggregate'
  readonly function: AggregateFunction
  /** One aggregate out of those of two sessions, the earlier one first. */
  readonly merge: Fold
  /** Of the records' keys. */
  readonly key: Serde<unknown>
  readonly session: { readonly gapMs: number; readonly graceMs: number }
  readonly store: StoreSpec
  readonly emit: WindowEmit
  readonly onError: ErrorPolicy
}

/** The same over windows that end with a record, or begin right behind one. */
export interface SlidingAggregateSpec {
  readonly kind: 'sliding-aggregate'
  readonly function: AggregateFunction
  /** Of the records' keys. */
  readonly key: Serde<unknown>
  readonly sliding: { readonly differenceMs: number; readonly graceMs: number }
  readonly store: StoreSpec
  readonly emit: WindowEmit
  readonly onError: ErrorPolicy
}

/** A table's changes, the last of each key, some time later; what comes out are records. */
export interface SuppressSpec {
  readonly kind: 'suppress'
  readonly until:
    | { readonly kind: 'time-limit'; readonly limitMs: number }
    /** The key's window closes when the watermark reaches its end plus this. */
    | { readonly kind: 'window-closes'; readonly afterEndMs: number }
  /** Keys whose change is kept back, at most. */
  readonly recordsMax: number
  /** Of these changes, at most. */
  readonly bytesMax: number
  readonly whenFull: 'stop' | 'emit'
  readonly key: Serde<unknown>
  readonly store: StoreSpec
  readonly onError: ErrorPolicy
}

/** Each record with the value that a table has of its key at that moment, or when it has waited. */
export interface JoinSpec {
  readonly kind: 'join'
  /** `left`: a record without a partner is joined with null. */
  readonly side: 'inner' | 'left'
  readonly table: ViewedTable
  /** Where records wait until the watermark has passed them; without it they are joined at once. */
  readonly store?: StoreSpec
  readonly fn: { erased(left: unknown, right: unknown, key: unknown): unknown }['erased']
  readonly onError: ErrorPolicy
}

/**
 * The records of two streams that are close enough in time; its inputs are the left and the right
 * one. A stream with itself: one input, one store.
 */
export interface StreamJoinSpec {
  readonly kind: 'stream-join'
  readonly side: 'inner' | 'left' | 'outer'
  /** Of the records' keys. */
  readonly key: Serde<unknown>
  /** How much earlier and later than the left record the right one may be. */
  readonly within: {
    readonly beforeMs: number
    readonly afterMs: number
    readonly graceMs: number
  }
  /** Of the left records, and of the right ones. */
  readonly stores: readonly StoreSpec[]
  readonly fn: JoinSpec['fn']
  readonly onError: ErrorPolicy
}

/** Each record with the row of a global table that it points to. */
export interface GlobalJoinSpec {
  readonly kind: 'global-join'
  readonly side: 'inner' | 'left'
  /** The store's name. */
  readonly table: string
  readonly on: Fn<unknown>
  readonly fn: { erased(left: unknown, right: unknown, key: unknown): unknown }['erased']
  readonly onError: ErrorPolicy
}

/** A reducer: the next aggregate from the present one, a value and its key. */
type Fold = { erased(aggregate: unknown, value: unknown, key: unknown): unknown }['erased']

/** The partitions that a record goes to, from 0: one, several or none; undefined: by its key. */
export type Partitions = number | readonly number[] | undefined

export type Partitioner = {
  erased(value: unknown, key: unknown, partitions: number): Partitions
}['erased']

/** Where a record leaves a sub-topology: a topic, or a repartition topic of the application. */
export interface SinkSpec {
  readonly kind: 'sink'
  /** Each that it may write: one, unless `choose` names one of them for each record. */
  readonly topics: readonly string[]
  readonly choose?: Fn<string>
  /** In place of the record's own. */
  readonly headers?: Fn<readonly Header[]>
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  /**
   * Default: murmur2 of the key's bytes, as Java's producer; without a key, round robin by record.
   */
  readonly partitioner?: Partitioner
  /** Each record goes to every partition. */
  readonly everywhere?: true
  readonly onError: ErrorPolicy
}
