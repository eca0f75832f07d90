import type { Windowed } from '../model/windowed.ts'
import type { SlidingAggregateSpec, WindowEmit } from '../operators/spec.ts'
import type { StoredWindow } from '../state/spec.ts'
import { checkFunction } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { numberFold, type Selector, valueFold } from './folds.ts'
import type {
  WindowedAggregateOptions,
  WindowedStoreOptions,
  WindowedValueStoreOptions,
} from './options.ts'
import { addWindowedAggregate } from './windowed.ts'
import type { Stream } from './stream.ts'
import { Table } from './table.ts'

/** How a windowed aggregation cuts time, and when it tells. */
export type Windowing =
  | { readonly kind: 'time'; readonly window: StoredWindow; readonly emit: WindowEmit }
  | {
      readonly kind: 'sliding'
      readonly sliding: SlidingAggregateSpec['sliding']
      readonly emit: WindowEmit
    }

/**
 * A stream whose records are aggregated by key and window. As in Kafka Streams' TimeWindowedKStream
 * an aggregation owns the store that its first argument names, keyed by key and window, and is a
 * table of `Windowed<K>`. Records without a key or value are left out, and those whose windows have
 * all closed are dropped and counted as late.
 */
export class WindowedStream<K, V> {
  readonly #flow: Flow
  readonly #windowing: Windowing
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, windowing: Windowing, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    this.#flow = flow
    this.#windowing = windowing
    this.#streamOf = streamOf
  }

  /** Records of each key and window; 8 bytes big-endian on the wire, as Kafka Streams' `Long`. */
  count(name: string, options: WindowedStoreOptions<K> = {}): Table<Windowed<K>, number> {
    return this.#table(
      addWindowedAggregate(this.#flow, this.#windowing, 'count', name, { kind: 'count' }, options),
    )
  }

  /** As `reduce` of a keyed stream, for each window. */
  reduce(
    name: string,
    fn: (aggregate: V, value: V, key: K) => V,
    options: WindowedValueStoreOptions<K, V> = {},
  ): Table<Windowed<K>, V> {
    checkFunction(`reduce("${name}")`, fn)
    const fold = { kind: 'reduce', fn } as const
    return this.#table(
      addWindowedAggregate(this.#flow, this.#windowing, 'reduce', name, fold, options),
    )
  }

  /** As `aggregate` of a keyed stream, for each window. */
  aggregate<A>(name: string, options: WindowedAggregateOptions<K, V, A>): Table<Windowed<K>, A> {
    const { init, add } = options
    checkFunction(`init of aggregate("${name}")`, init)
    checkFunction(`add of aggregate("${name}")`, add)
    const fold = { kind: 'aggregate', init, add } as const
    return this.#table(
      addWindowedAggregate(this.#flow, this.#windowing, 'aggregate', name, fold, options),
    )
  }

  /** The sum of a number of each value of a window; see `sum` of a keyed stream. */
  sum(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number> = {},
  ): Table<Windowed<K>, number> {
    return this.#numbers('sum', name, selector, options)
  }

  /** The smallest of the numbers of the values of a window; see `sum`. */
  min(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number> = {},
  ): Table<Windowed<K>, number> {
    return this.#numbers('min', name, selector, options)
  }

  /** The largest of the numbers of the values of a window; see `sum`. */
  max(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number> = {},
  ): Table<Windowed<K>, number> {
    return this.#numbers('max', name, selector, options)
  }

  /** The value with the smallest number of a window, the first of several. */
  minBy(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, V> = {},
  ): Table<Windowed<K>, V> {
    return this.#values('minBy', name, selector, options)
  }

  /** The value with the largest number of a window, the first of several. */
  maxBy(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, V> = {},
  ): Table<Windowed<K>, V> {
    return this.#values('maxBy', name, selector, options)
  }

  #numbers(
    call: 'sum' | 'min' | 'max',
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number>,
  ): Table<Windowed<K>, number> {
    const { fn } = numberFold(call, name, selector)
    return this.#table(addWindowedAggregate(this.#flow, this.#windowing, call, name, fn, options))
  }

  #values(
    call: 'minBy' | 'maxBy',
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, V>,
  ): Table<Windowed<K>, V> {
    const fn = { kind: 'reduce', fn: valueFold(call, name, selector) } as const
    return this.#table(addWindowedAggregate(this.#flow, this.#windowing, call, name, fn, options))
  }

  #table<TV>(flow: TableFlow): Table<Windowed<K>, TV> {
    return new Table(flow, this.#streamOf)
  }
}
