import { checkFunction } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import type { AggregateOptions, StoreOptions, ValueStoreOptions, WindowOptions } from './options.ts'
import { addAggregate } from './stored.ts'
import { addKeyedProcess } from './process/keyed.ts'
import type { KeyedProcessOptions } from './process/options.ts'
import type { StateDeclarations } from './process/states.ts'
import type { Stream } from './stream.ts'
import { Table } from './table.ts'
import { WindowedStream } from './windowed-stream.ts'
import { windowingOf } from './windowed.ts'
import type { TimeWindows } from './windows.ts'

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

  /**
   * Cuts the records of each key by their timestamps: `windowedBy(tumbling('10s'), { grace: '5s'
   * })`.
   * @throws StreamError `NO_EVENT_TIME` where no source gives a watermark
   */
  windowedBy(windows: TimeWindows, options: WindowOptions = {}): WindowedStream<K, V> {
    const windowing = windowingOf(this.#flow, windows, options)
    return new WindowedStream(this.#flow, windowing, this.#streamOf)
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

  #table<TV>(flow: TableFlow): Table<K, TV> {
    return new Table(flow, this.#streamOf)
  }
}
