import type { Windowed } from '../model/windowed.ts'
import type { SessionAggregateSpec, WindowEmit } from '../operators/spec.ts'
import { sessionBytes, sessionKeys } from '../serde/session.ts'
import { aggregateFunction, Aggregations, type Fold } from './aggregations.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import type { SessionAggregateOptions, WindowedValueStoreOptions } from './options.ts'
import {
  type AggregateCall,
  aggregateOptions,
  aggregateValue,
  storeOf,
  storeOptions,
  tableFlow,
} from './stored.ts'
import type { Stream } from './stream.ts'
import { Table } from './table.ts'

/** How sessions end, and when they tell. */
export interface Sessions {
  readonly gapMs: number
  readonly graceMs: number
  readonly emit: WindowEmit
}

/**
 * A stream whose records are aggregated by key and session, as Kafka Streams'
 * SessionWindowedKStream. An aggregation is a table of `Windowed<K>`, whose `start` and `end` are
 * the times of the session's first and last record. A session that grows becomes another one, and
 * the one before it is deleted; two that a record brings together are merged by the aggregation's
 * own function. Records that would be a closed session of their own are dropped and counted as
 * late.
 */
export class SessionWindowedStream<K, V> extends Aggregations<K, V, Windowed<K>, object> {
  readonly #flow: Flow
  readonly #sessions: Sessions
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, sessions: Sessions, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    super(
      (call, name, fold, options) => addSessionAggregate(flow, sessions, call, name, fold, options),
      streamOf,
    )
    this.#flow = flow
    this.#sessions = sessions
    this.#streamOf = streamOf
  }

  /** As `aggregate` of a keyed stream, for each session; `merge` makes one aggregate out of two. */
  aggregate<A>(name: string, options: SessionAggregateOptions<K, V, A>): Table<Windowed<K>, A> {
    const { merge } = options
    const fold = { fn: aggregateFunction(name, options), merge }
    checkFunction(`merge of aggregate("${name}")`, merge)
    const flow = addSessionAggregate(this.#flow, this.#sessions, 'aggregate', name, fold, options)
    return new Table(flow, this.#streamOf)
  }
}

function addSessionAggregate<K, A>(
  flow: Flow,
  { gapMs, graceMs, emit }: Sessions,
  call: AggregateCall,
  name: string,
  { fn, merge }: Fold<K, A>,
  options: WindowedValueStoreOptions<K, A>,
): TableFlow {
  const own = call === 'aggregate' ? ['merge'] : []
  const what = flow.draft.own(call, name)
  checkOptions(what, options, [...storeOptions, ...aggregateOptions[call], ...own])
  const value = aggregateValue(flow, call, what, options.value)
  const { store: plain, serdes } = storeOf(flow, what, name, options, value)
  const store = Object.freeze({
    ...plain,
    key: sessionKeys(plain.key),
    ordered: true as const,
    times: Object.freeze({ bytesBehind: sessionBytes, keptMs: gapMs + graceMs }),
  })
  const spec: SessionAggregateSpec = Object.freeze({
    kind: 'session-aggregate',
    function: Object.freeze(fn),
    merge,
    key: plain.key,
    session: Object.freeze({ gapMs, graceMs }),
    store,
    emit,
    onError: checkPolicy(what, options.onError),
  })
  const made = tableFlow(flow, name, { store, serdes }, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [flow.edge],
    serdes,
    spec,
  }))
  return { ...made, closesAfterEndMs: gapMs + graceMs }
}
