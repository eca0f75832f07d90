/** What user functions hold of a state: always that of the key in work. */

/** One value. */
export interface ValueState<T> {
  /** Undefined where there is none. An object may be changed in place. */
  get(): T | undefined
  set(value: T): void
  clear(): void
}

/** A list of values, in the order in which they were added. */
export interface ListState<T> {
  /** Empty where nothing was added. */
  get(): readonly T[]
  add(value: T): void
  addAll(values: Iterable<T>): void
  /** Takes the place of the list. */
  set(values: Iterable<T>): void
  clear(): void
}

/**
 * Values by keys of their own, each an entry of the store; read in the order of these keys' bytes.
 */
export interface MapState<K, V> extends ReadMapState<K, V> {
  set(key: K, value: V): void
  delete(key: K): void
  clear(): void
}

/** What is read of a map. */
export interface ReadMapState<K, V> {
  get(key: K): V | undefined
  has(key: K): boolean
  /** A copy of what there is: changes do not disturb who reads it. */
  entries(): readonly (readonly [key: K, value: V])[]
  keys(): readonly K[]
  values(): readonly V[]
  isEmpty(): boolean
}

/** Values folded into one of their kind. */
export interface ReducingState<T> {
  get(): T | undefined
  add(value: T): void
  clear(): void
}

/** Values folded into an aggregate, and what is to be told of it. */
export interface AggregatingState<In, Out> {
  get(): Out | undefined
  add(value: In): void
  clear(): void
}
