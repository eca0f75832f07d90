import { aggregateFunction, Aggregations } from './aggregations.ts'
import { CogroupedStream, cogroupOf } from './cogrouped-stream.ts'
import type { Flow } from './draft.ts'
import type { AggregateOptions, StoreOptions, WindowOptions } from './options.ts'
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
 * A stream whose records of one key come to one task, and what can be made of all values of a key:
 * aggregations ignore records with a null key or value, as Kafka Streams' KGroupedStream does.
 */
export class KeyedStream<K, V> extends Aggregations<K, V, K, Pick<StoreOptions<K>, 'emit'>> {
  readonly #flow: Flow
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    super((call, name, { fn }, options) => addAggregate(flow, call, name, fn, options), streamOf)
    this.#flow = flow
    this.#streamOf = streamOf
  }

  /**
   * The values of each key folded into an aggregate: `aggregate('totals', { init: () => 0, add:
   * (sum, v) => sum + v })`.
   */
  aggregate<A>(name: string, options: AggregateOptions<K, V, A>): Table<K, A> {
    const flow = addAggregate(
      this.#flow,
      'aggregate',
      name,
      aggregateFunction(name, options),
      options,
    )
    return new Table(flow, this.#streamOf)
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
}
