import { checkFunction } from './checks.ts'
import { CogroupedStream, cogroupOf } from './cogrouped-stream.ts'
import type { Flow, TableFlow } from './draft.ts'
import { numberFold, type Selector, valueFold } from './folds.ts'
import type { AggregateOptions, StoreOptions, ValueStoreOptions, WindowOptions } from './options.ts'
import { addAggregate } from './stored.ts'
import { refuse } from './failures.ts'
import {
  broadcastFlowOf,
  type BroadcastStream,
  ConnectedBroadcast,
  ConnectedStreams,
} from './process/connected.ts'
import { addKeyedProcess } from './process/operators.ts'
import type { KeyedProcessOptions } from './process/options.ts'
import type { StateDeclarations } from './process/states.ts'
import { SessionWindowedStream } from './session-windowed-stream.ts'
import type { Stream } from './stream.ts'
import { Table } from './table.ts'
import { WindowedStream } from './windowed-stream.ts'
import { emissionOf, windowingOf } from './windowed.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts'

/**
 * A stream whose records of one key come to one task. Aggregations ignore records with a null key
 * or value, as Kafka Streams' KGroupedStream does. Each owns the store that its first argument
 * names.
 */
export class KeyedStream<K, V> {
  readonly #flow: Flow
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    this.#flow = flow
    this.#streamOf = streamOf
  }

  /** Records of each key so far; 8 bytes big-endian on the wire, as Kafka Streams' `Long`. */
  count(name: string, options: StoreOptions<K> = {}): Table<K, number> {
    return this.#table(addAggregate(this.#flow, 'count', name, { kind: 'count' }, options))
  }

  /**
   * The values of each key folded into one of their kind; the first value is the first aggregate.
   */
  reduce(
    name: string,
    fn: (aggregate: V, value: V, key: K) => V,
    options: ValueStoreOptions<K, V> = {},
  ): Table<K, V> {
    checkFunction(`reduce("${name}")`, fn)
    return this.#table(addAggregate(this.#flow, 'reduce', name, { kind: 'reduce', fn }, options))
  }

  /**
   * The values of each key folded into an aggregate: `aggregate('totals', { init: () => 0, add:
   * (sum, v) => sum + v })`.
   */
  aggregate<A>(name: string, options: AggregateOptions<K, V, A>): Table<K, A> {
    const { init, add } = options
    checkFunction(`init of aggregate("${name}")`, init)
    checkFunction(`add of aggregate("${name}")`, add)
    const fn = { kind: 'aggregate', init, add } as const
    return this.#table(addAggregate(this.#flow, 'aggregate', name, fn, options))
  }

  /** The sum of a number of each value. Written as `double`, unless `value` says otherwise. */
  sum(
    name: string,
    selector: Selector<V>,
    options: ValueStoreOptions<K, number> = {},
  ): Table<K, number> {
    return this.#numbers('sum', name, selector, options)
  }

  /** The smallest of the numbers of the values; see `sum`. */
  min(
    name: string,
    selector: Selector<V>,
    options: ValueStoreOptions<K, number> = {},
  ): Table<K, number> {
    return this.#numbers('min', name, selector, options)
  }

  /** The largest of the numbers of the values; see `sum`. */
  max(
    name: string,
    selector: Selector<V>,
    options: ValueStoreOptions<K, number> = {},
  ): Table<K, number> {
    return this.#numbers('max', name, selector, options)
  }

  /** The value with the smallest number, the first of several. */
  minBy(name: string, selector: Selector<V>, options: ValueStoreOptions<K, V> = {}): Table<K, V> {
    return this.#values('minBy', name, selector, options)
  }

  /** The value with the largest number, the first of several. */
  maxBy(name: string, selector: Selector<V>, options: ValueStoreOptions<K, V> = {}): Table<K, V> {
    return this.#values('maxBy', name, selector, options)
  }

  /**
   * Begins an aggregate of several streams: `orders.cogroup(addOrder).cogroup(payments,
   * addPayment).aggregate('accounts', { init })`.
   */
  cogroup<A>(add: (aggregate: A, value: V, key: K) => A): CogroupedStream<K, A> {
    const keyed = <NK, NV>(flow: Flow) => new KeyedStream<NK, NV>(flow, this.#streamOf)
    return new CogroupedStream([cogroupOf(this.#flow, add)], keyed)
  }

  /**
   * Cuts the records of each key by their timestamps: `windowedBy(tumbling('10s'), { grace: '5s'
   * })`.
   * @throws StreamError `NO_EVENT_TIME` where no source gives a watermark
   */
  windowedBy(windows: TimeWindows | SlidingWindows, options?: WindowOptions): WindowedStream<K, V>
  /**
   * The same by sessions: `windowedBy(session('30m'))`.
   * @throws StreamError `NO_EVENT_TIME` where no source gives a watermark
   */
  windowedBy(windows: SessionWindows, options?: WindowOptions): SessionWindowedStream<K, V>
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
    options: WindowOptions = {},
  ): WindowedStream<K, V> | SessionWindowedStream<K, V> {
    if (windows?.kind === 'session') {
      const sessions = { gapMs: windows.gapMs, ...emissionOf(this.#flow, options) }
      return new SessionWindowedStream(this.#flow, sessions, this.#streamOf)
    }
    const windowing = windowingOf(this.#flow, windows, options)
    return new WindowedStream(this.#flow, windowing, this.#streamOf)
  }

  /**
   * Puts another stream with keys of the same type beside this one, whose functions then share
   * state by key, or one that comes to every task: `rules.broadcast('rules')`.
   * @throws StreamError `NOT_CO_PARTITIONED` where the keys are written in different ways
   */
  connect<B>(other: KeyedStream<K, B>): ConnectedStreams<K, V, B>
  connect<BK, B>(broadcast: BroadcastStream<BK, B>): ConnectedBroadcast<K, V, BK, B>
  connect(
    other: KeyedStream<K, unknown> | BroadcastStream<unknown, unknown>,
  ): ConnectedStreams<K, V, unknown> | ConnectedBroadcast<K, V, unknown, unknown> {
    const broadcast = broadcastFlowOf(other)
    if (broadcast !== undefined) {
      return new ConnectedBroadcast(this.#flow, broadcast, this.#streamOf)
    }
    if (typeof other === 'object' && other !== null && #flow in other) {
      return new ConnectedStreams(this.#flow, other.#flow, this.#streamOf)
    }
    throw refuse('INVALID_ARGUMENT', 'connect() needs a keyed stream, or one that is broadcast')
  }

  /**
   * Calls functions of yours with each record, with state of its key and with timers: Flink's
   * KeyedProcessFunction. What they emit has the key in work, so that nothing has to be
   * repartitioned behind. Records without a key are left out.
   * @param name Names the operator, and the stores of its state and timers.
   * @throws StreamError `NO_EVENT_TIME` for state that lives by event time where no source gives a
   * watermark
   */
  process<S extends StateDeclarations = StateDeclarations, O = never>(
    name: string,
    options: KeyedProcessOptions<K, V, O, S>,
  ): Stream<K, O> {
    return this.#streamOf(addKeyedProcess(this.#flow, name, options))
  }

  #numbers(
    call: 'sum' | 'min' | 'max',
    name: string,
    selector: Selector<V>,
    options: ValueStoreOptions<K, number>,
  ): Table<K, number> {
    const { fn } = numberFold(call, name, selector)
    return this.#table(addAggregate(this.#flow, call, name, fn, options))
  }

  #values(
    call: 'minBy' | 'maxBy',
    name: string,
    selector: Selector<V>,
    options: ValueStoreOptions<K, V>,
  ): Table<K, V> {
    const fn = { kind: 'reduce', fn: valueFold(call, name, selector) } as const
    return this.#table(addAggregate(this.#flow, call, name, fn, options))
  }

  #table<TV>(flow: TableFlow): Table<K, TV> {
    return new Table(flow, this.#streamOf)
  }
}
