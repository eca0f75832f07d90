/** What functions hold of stores that several operators may share. */

export interface ScanOrder {
  /** From the last key to the first. @default false */
  readonly reverse?: boolean
  /** @default all */
  readonly limit?: number
}

/** Values by key, in the order of the keys' bytes. As Kafka Streams' KeyValueStore. */
export interface KeyValueStore<K, V> {
  get(key: K): V | undefined
  put(key: K, value: V): void
  /** Puts where there is no value; answers the one that is there. */
  putIfAbsent(key: K, value: V): V | undefined
  delete(key: K): V | undefined
  /** Keys from `from` up to and with `to`. */
  range(from: K, to: K, order?: ScanOrder): readonly (readonly [key: K, value: V])[]
  /** Keys whose bytes begin as those of `prefix` do. */
  prefix(prefix: K, order?: ScanOrder): readonly (readonly [key: K, value: V])[]
  all(order?: ScanOrder): readonly (readonly [key: K, value: V])[]
}

/** A value and when it was true, milliseconds since 1970. */
export interface Timestamped<V> {
  readonly value: V
  readonly timestamp: number
}

/** As Kafka Streams' TimestampedKeyValueStore. */
export interface TimestampedStore<K, V> {
  get(key: K): Timestamped<V> | undefined
  /** @param timestamp Default: that of the record in work. */
  put(key: K, value: V, timestamp?: number): void
  delete(key: K): Timestamped<V> | undefined
  range(from: K, to: K, order?: ScanOrder): readonly (readonly [key: K, value: Timestamped<V>])[]
  prefix(prefix: K, order?: ScanOrder): readonly (readonly [key: K, value: Timestamped<V>])[]
  all(order?: ScanOrder): readonly (readonly [key: K, value: Timestamped<V>])[]
}

/**
 * Values by key and the start of a window. As Kafka Streams' WindowStore: what the watermark has
 * left behind by more than the retention is not there any more.
 */
export interface WindowedStore<K, V> {
  get(key: K, start: number): V | undefined
  put(key: K, value: V, start: number): void
  delete(key: K, start: number): void
  /**
   * The windows of a key that start from `from` up to and with `to`, in the order of their starts.
   */
  fetch(
    key: K,
    from: number,
    to: number,
    order?: ScanOrder,
  ): readonly (readonly [start: number, value: V])[]
}

/** A session: a span of time, both ends in it, milliseconds since 1970. */
export interface Session {
  readonly start: number
  readonly end: number
}

/** Values by key and session. As Kafka Streams' SessionStore, with its retention. */
export interface SessionStore<K, V> {
  get(key: K, session: Session): V | undefined
  put(key: K, value: V, session: Session): void
  delete(key: K, session: Session): void
  /** Sessions of a key that end at `earliestEnd` or later and start at `latestStart` or earlier. */
  find(
    key: K,
    earliestEnd: number,
    latestStart: number,
    order?: ScanOrder,
  ): readonly (readonly [session: Session, value: V])[]
}
