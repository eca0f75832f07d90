import type { Windowed } from '../model/windowed.ts'
import type { SlidingAggregateSpec, WindowEmit } from '../operators/spec.ts'
import type { StoredWindow } from '../state/spec.ts'
import { aggregateFunction, Aggregations } from './aggregations.ts'
import type { Flow } from './draft.ts'
import type { WindowedAggregateOptions } from './options.ts'
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
 * an aggregation is a table of `Windowed<K>`. Records whose windows have all closed are dropped and
 * counted as late.
 */
export class WindowedStream<K, V> extends Aggregations<K, V, Windowed<K>, object> {
  readonly #flow: Flow
  readonly #windowing: Windowing
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, windowing: Windowing, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    super(
      (call, name, { fn }, options) =>
        addWindowedAggregate(flow, windowing, call, name, fn, options),
      streamOf,
    )
    this.#flow = flow
    this.#windowing = windowing
    this.#streamOf = streamOf
  }

  /** As `aggregate` of a keyed stream, for each window. */
  aggregate<A>(name: string, options: WindowedAggregateOptions<K, V, A>): Table<Windowed<K>, A> {
    const fn = aggregateFunction(name, options)
    const flow = addWindowedAggregate(this.#flow, this.#windowing, 'aggregate', name, fn, options)
    return new Table(flow, this.#streamOf)
  }
}
