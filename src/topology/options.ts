/** The options objects of the DSL, each the last argument of its call. */
import type { Duration } from '../model/duration.ts'
import type { Header } from '../model/record.ts'
import type { Size } from '../model/size.ts'
import type { RecordContext } from '../operators/record.ts'
import type { Emit, ErrorPolicy, WindowEmit } from '../operators/spec.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreBackend } from '../state/spec.ts'
import type { WatermarkSpec } from '../time/spec.ts'

/** A user's function: the value first, then the key, then where the record came from. */
export type RecordFn<K, V, R> = (value: V, key: K, record: RecordContext) => R

/** Used wherever an operator states none and none follows from before. */
export interface TopologyDefaults<K, V> {
  /** @default string */
  readonly key?: Serde<K>
  /** @default json */
  readonly value?: Serde<V>
}

export interface StreamOptions<K, V> {
  /** @default the topology's: string */
  readonly key?: Serde<K>
  /** @default the topology's: json */
  readonly value?: Serde<V>
  /** Milliseconds since 1970. @default the record's own timestamp */
  readonly timestamp?: (value: V, record: RecordContext) => number
  /** How far event time has come on a partition. @default none */
  readonly watermark?: WatermarkSpec
  /**
   * A partition that has been read to its end stops holding the watermark back after this time.
   * @default never
   */
  readonly idleAfter?: Duration
  /** Where to begin when the group has committed nothing. @default 'earliest' */
  readonly startFrom?: 'earliest' | 'latest' | { readonly last: Duration }
  readonly name?: string
  /** For bytes that the serdes refuse, and for a `timestamp` that throws. @default 'fail' */
  readonly onError?: ErrorPolicy
}

export interface TableOptions<K, V>
  extends Pick<StreamOptions<K, V>, 'key' | 'value' | 'timestamp' | 'watermark' | 'idleAfter'> {
  /** Of the store. @default the topic's */
  readonly name?: string
  /**
   * Keeps what rows were for this long (KIP-889): joins find what a row was at their records'
   * times, and records that come late change the past only. The table has a changelog of its own
   * then, and `emit` is `'update'`.
   * @default only what rows are
   */
  readonly versioned?: Duration
  /** As in `StoreOptions`. @default the option `stateBackend` */
  readonly backend?: StoreBackend
  /**
   * Each update, those that change the value, or the last of a key and epoch. With `'change'`, what
   * leaves a value as it is leaves its time, too.
   * @default 'update'
   */
  readonly emit?: Emit
  /** For bytes that the serdes refuse, and for a `timestamp` that throws. @default 'fail' */
  readonly onError?: ErrorPolicy
}

/** Of a join of a stream with a table. `V` is the type of the stream's values. */
export interface JoinOptions<V> {
  /**
   * Each record waits until the watermark reaches its time plus this, and finds the row as it was
   * at its time even where that has come late: the table has to be versioned, and to keep what its
   * rows were for that long at least (KIP-923).
   * @default none: each record is joined when it comes
   */
  readonly grace?: Duration
  /** Of records that wait. @default the serde that they were read with, or json */
  readonly value?: Serde<V>
  /** Where records wait. @default the option `stateBackend` */
  readonly backend?: StoreBackend
  /** False: records that wait are lost with the worker. Else added to their changelog's. */
  readonly changelog?: false | Readonly<Record<string, string>>
  /** What happens to a record whose joiner throws. @default 'fail' */
  readonly onError?: ErrorPolicy
}

/** How the records of two streams meet. `L` and `R` are the types of their values. */
export interface StreamJoinOptions<K, L, R> {
  /**
   * How far apart in time two records may be, in either direction; or how much earlier and later
   * than the left record the right one may be. Both bounds are included.
   */
  readonly within: Duration | { readonly before: Duration; readonly after: Duration }
  /**
   * How long after the last time that a partner can have a record stays open: it closes when the
   * watermark reaches that time plus this. @default 0
   */
  readonly grace?: Duration
  /** @default the serde that the left stream's key was read with; else the topology's */
  readonly key?: Serde<K>
  /** Of the left records that are kept. @default the serde that they were read with, or json */
  readonly left?: Serde<L>
  /** Of the right records that are kept. @default the serde that they were read with, or json */
  readonly right?: Serde<R>
  /** Where records wait. @default the option `stateBackend` */
  readonly backend?: StoreBackend
  /** False: what is kept is lost with the worker. Else added to the changelogs' configuration. */
  readonly changelog?: false | Readonly<Record<string, string>>
  /** What happens to a record whose joiner throws. @default 'fail' */
  readonly onError?: ErrorPolicy
}

export interface GlobalTableOptions<K, V> extends Pick<StreamOptions<K, V>, 'key' | 'value'> {
  /** Of the store. @default the topic's */
  readonly name?: string
  /** As in `StoreOptions`. @default the option `stateBackend` */
  readonly backend?: StoreBackend
}

export interface GlobalJoinOptions<K, V, GK, R, J> {
  /** Key of the row that a record points to; null or undefined for none. */
  readonly on: RecordFn<K, V, GK | null | undefined>
  /** What comes of a record and the row; it must change neither. */
  readonly joiner: Joiner<K, V, R, J>
  /** What happens to a record whose functions throw. @default 'fail' */
  readonly onError?: ErrorPolicy
}

/** What comes of a record and the table's value; it must change neither. */
export type Joiner<K, L, R, J> = (left: L, right: R, key: K) => J

export interface OperatorOptions {
  /** For metrics and errors. @default the kind of operator, numbered from the second one on */
  readonly name?: string
  /** What happens to a record whose function throws. @default 'fail' */
  readonly onError?: ErrorPolicy
}

/** Of an operator from table to table. */
export interface RowOptions<K, V> extends OperatorOptions {
  /**
   * Keeps the rows in a store of this name, for queries, and so that they are not made again for
   * each look-up.
   * @default the rows are a view of the table before
   */
  readonly store?: string
  /** Of the store. @default the table's */
  readonly key?: Serde<K>
  /** @default the table's, while the type is unchanged; else the topology's */
  readonly value?: Serde<V>
  /** Of the store, as in `StoreOptions`. */
  readonly backend?: StoreBackend
  /** Of the store, as in `StoreOptions`. */
  readonly changelog?: false | Readonly<Record<string, string>>
}

/** A user's function of a table's row; it must depend on that alone, since it is asked again. */
export type RowFn<K, V, R> = (value: V, key: K) => R

export interface RepartitionOptions<K, V> {
  /**
   * @default the serde that the key was read with, while its type is unchanged; else the topology's
   */
  readonly key?: Serde<K>
  /**
   * @default the serde that the value was read with, while its type is unchanged; else the
   * topology's
   */
  readonly value?: Serde<V>
  /** @default as many as the largest topic upstream */
  readonly partitions?: number
  /** From 0. @default murmur2 of the key's bytes, as Java's producer */
  readonly partitioner?: (value: V, key: K, partitions: number) => number
  readonly onError?: ErrorPolicy
}

export interface StoreOptions<K> {
  /**
   * @default the serde that the key was read with, while its type is unchanged; else the topology's
   */
  readonly key?: Serde<K>
  /**
   * `memory`: read from the changelog at each start. `lmdb`: kept in the state directory too, so
   * that a restart reads what it missed. @default the option `stateBackend`
   */
  readonly backend?: StoreBackend
  /**
   * False: the state is lost with the worker. An object adds to the changelog topic's
   * configuration.
   */
  readonly changelog?: false | Readonly<Record<string, string>>
  /**
   * Each update, those that change the value, or the last of a key and epoch. With `'change'`, what
   * leaves a value as it is leaves its time, too.
   * @default 'update'
   */
  readonly emit?: Emit
  readonly onError?: ErrorPolicy
}

export interface ValueStoreOptions<K, V> extends StoreOptions<K> {
  /**
   * @default the serde that the value was read with, while its type is unchanged; else the
   * topology's
   */
  readonly value?: Serde<V>
}

export interface AggregateOptions<K, V, A> extends StoreOptions<K> {
  /** The aggregate before the first value of a key. */
  readonly init: () => A
  /** The next aggregate; it may change the present one in place and answer it. */
  readonly add: (aggregate: A, value: V, key: K) => A
  /** Serde of the aggregate. @default the topology's: json */
  readonly value?: Serde<A>
}

/** Of a join with the row of another table that a row points to. */
export interface ForeignKeyOptions<K, V, T, FK, J> {
  /** Key of the other table's row; null or undefined for none. */
  readonly foreignKey: (value: V, key: K) => FK | null | undefined
  /** What comes of both rows. It must change neither. */
  readonly joiner: Joiner<K, V, T, J>
  /** Serde of the result. @default the topology's: json */
  readonly value?: Serde<J>
  /** As in `StoreOptions`. */
  readonly backend?: StoreBackend
  /** As in `StoreOptions`. */
  readonly changelog?: false | Readonly<Record<string, string>>
  /** What happens where a function throws. @default 'fail' */
  readonly onError?: ErrorPolicy
}

/** Of `groupBy` of a table. */
export type GroupOptions<K, V> = Omit<RepartitionOptions<K, V>, 'partitioner'>

/** Takes a row back from an aggregate that it was added to. */
type Subtract<K, V, A> = (aggregate: A, value: V, key: K) => A

export interface RetractReduceOptions<K, V> extends ValueStoreOptions<K, V> {
  readonly add: (aggregate: V, value: V, key: K) => V
  readonly subtract: Subtract<K, V, V>
}

export interface RetractAggregateOptions<K, V, A> extends AggregateOptions<K, V, A> {
  /** Undoes `add`; it may change the aggregate in place and answer it, and answer null for none. */
  readonly subtract: Subtract<K, V, A>
}

export interface WindowOptions {
  /**
   * How long after its end a window takes records: it closes when the watermark reaches its end
   * plus this, less 1 ms. @default 0
   */
  readonly grace?: Duration
  /**
   * Each change, the last of a key, window and epoch, or each key of a window once when it closes.
   * @default 'update'
   */
  readonly emit?: WindowEmit
}

export type WindowedStoreOptions<K> = Omit<StoreOptions<K>, 'emit'>

export type WindowedValueStoreOptions<K, V> = Omit<ValueStoreOptions<K, V>, 'emit'>

export type WindowedAggregateOptions<K, V, A> = Omit<AggregateOptions<K, V, A>, 'emit'>

export interface SessionAggregateOptions<K, V, A> extends WindowedAggregateOptions<K, V, A> {
  /** One aggregate out of those of two sessions that a record brings together. */
  readonly merge: (earlier: A, later: A, key: K) => A
}

export interface SuppressOptions<V> {
  /** Keys whose change is kept back, at most. @default any number */
  readonly maxRecords?: number
  /**
   * Bytes of these keys and changes as their changelog has them, at most. Each change is written
   * once more to know. @default any number
   */
  readonly maxBytes?: Size
  /**
   * What happens above that: the application stops with `SUPPRESS_BUFFER_FULL`, or the change that
   * was to be told next is told at once. @default 'stop'
   */
  readonly whenFull?: 'stop' | 'emit'
  /** Serde of what is kept back. @default the table's */
  readonly value?: Serde<V>
  /** Where changes wait. @default the option `stateBackend` */
  readonly backend?: StoreBackend
  /** False: what is kept back is lost with the worker. Else added to the changelog's. */
  readonly changelog?: false | Readonly<Record<string, string>>
}

export interface SinkOptions<K, V> {
  /**
   * @default the serde that the key was read with, while its type is unchanged; else the topology's
   */
  readonly key?: Serde<K>
  /**
   * @default the serde that the value was read with, while its type is unchanged; else the
   * topology's
   */
  readonly value?: Serde<V>
  /**
   * From 0: one, several, none for an empty list, or undefined for the default (KIP-873).
   * @default murmur2 of the key's bytes, as Java's producer; without a key round robin
   */
  readonly partitioner?: (
    value: V,
    key: K,
    partitions: number,
  ) => number | readonly number[] | undefined
  /** In place of the headers that the record has. */
  readonly headers?: RecordFn<K, V, readonly Header[]>
  readonly name?: string
  readonly onError?: ErrorPolicy
}

/** Of `to` with a function. */
export interface ChosenSinkOptions<K, V, T extends string> extends SinkOptions<K, V> {
  /** Each topic that the function may answer. They are checked to exist before the start. */
  readonly topics: readonly T[]
}
