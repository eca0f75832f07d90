import type { AggregateFunction } from '../operators/spec.ts'
import { checkFunction } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { numberFold, type Selector, valueFold } from './folds.ts'
import type {
  ValueStoreOptions,
  WindowedStoreOptions,
  WindowedValueStoreOptions,
} from './options.ts'
import type { AggregateCall } from './stored.ts'
import type { Stream } from './stream.ts'
import { Table } from './table.ts'

/** What an aggregation does with values, and with two aggregates that become one. */
export interface Fold<K, A> {
  readonly fn: AggregateFunction
  readonly merge: (earlier: A, later: A, key: K) => A
}

/** Adds the operator of an aggregation. */
type AddFold<K> = <A>(
  call: AggregateCall,
  name: string,
  fold: Fold<K, A>,
  options: ValueStoreOptions<K, A>,
) => TableFlow

/**
 * What can be made of the values of each key, or of each key and window: `Row` is the key of the
 * tables that come of it, `More` are the options that they take beside those of every store. Each
 * aggregation owns the store that its first argument names. Records without a key or value are left
 * out.
 */
export class Aggregations<K, V, Row, More extends Pick<ValueStoreOptions<K, V>, 'emit'>> {
  readonly #add: AddFold<K>
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(add: AddFold<K>, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    this.#add = add
    this.#streamOf = streamOf
  }

  /** The number of records; 8 bytes big-endian on the wire, as Kafka Streams' `Long`. */
  count(name: string, options?: WindowedStoreOptions<K> & More): Table<Row, number> {
    const merge = (earlier: number, later: number) => earlier + later
    return this.#table('count', name, { fn: { kind: 'count' }, merge }, options)
  }

  /** Values folded into one of their kind; the first value is the first aggregate. */
  reduce(
    name: string,
    fn: (aggregate: V, value: V, key: K) => V,
    options?: WindowedValueStoreOptions<K, V> & More,
  ): Table<Row, V> {
    checkFunction(`reduce("${name}")`, fn)
    return this.#table('reduce', name, { fn: { kind: 'reduce', fn }, merge: fn }, options)
  }

  /** The sum of a number of each value. Written as `double`, unless `value` says otherwise. */
  sum(
    name: string,
    selector: Selector<V>,
    options?: WindowedValueStoreOptions<K, number> & More,
  ): Table<Row, number> {
    return this.#table('sum', name, numberFold('sum', name, selector), options)
  }

  /** The smallest of the numbers of the values; see `sum`. */
  min(
    name: string,
    selector: Selector<V>,
    options?: WindowedValueStoreOptions<K, number> & More,
  ): Table<Row, number> {
    return this.#table('min', name, numberFold('min', name, selector), options)
  }

  /** The largest of the numbers of the values; see `sum`. */
  max(
    name: string,
    selector: Selector<V>,
    options?: WindowedValueStoreOptions<K, number> & More,
  ): Table<Row, number> {
    return this.#table('max', name, numberFold('max', name, selector), options)
  }

  /** The value with the smallest number, the first of several. */
  minBy(
    name: string,
    selector: Selector<V>,
    options?: WindowedValueStoreOptions<K, V> & More,
  ): Table<Row, V> {
    return this.#best('minBy', name, selector, options)
  }

  /** The value with the largest number, the first of several. */
  maxBy(
    name: string,
    selector: Selector<V>,
    options?: WindowedValueStoreOptions<K, V> & More,
  ): Table<Row, V> {
    return this.#best('maxBy', name, selector, options)
  }

  #best(
    call: 'minBy' | 'maxBy',
    name: string,
    selector: Selector<V>,
    options: ValueStoreOptions<K, V> | undefined,
  ): Table<Row, V> {
    const fn = valueFold(call, name, selector)
    return this.#table(call, name, { fn: { kind: 'reduce', fn }, merge: fn }, options)
  }

  #table<A>(
    call: AggregateCall,
    name: string,
    fold: Fold<K, A>,
    options: ValueStoreOptions<K, A> = {},
  ): Table<Row, A> {
    return new Table(this.#add(call, name, fold, options), this.#streamOf)
  }
}

/** Checks the functions of an `aggregate`. */
export function aggregateFunction<K, V, A>(
  name: string,
  { init, add }: { readonly init: () => A; readonly add: (aggregate: A, value: V, key: K) => A },
): AggregateFunction {
  checkFunction(`init of aggregate("${name}")`, init)
  checkFunction(`add of aggregate("${name}")`, add)
  return { kind: 'aggregate', init, add }
}
