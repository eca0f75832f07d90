import type { Windowed } from '../model/windowed.ts'
import type { AggregateFunction, SessionAggregateSpec, WindowEmit } from '../operators/spec.ts'
import { sessionBytes, sessionKeys } from '../serde/session.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { numberFold, type Selector, valueFold } from './folds.ts'
import type {
  SessionAggregateOptions,
  WindowedStoreOptions,
  WindowedValueStoreOptions,
} from './options.ts'
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
import { inMemory } from './windowed.ts'

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
 * the one before it is deleted. Records without a key or value are left out, and those that would
 * be a closed session of their own are dropped and counted as late.
 */
export class SessionWindowedStream<K, V> {
  readonly #flow: Flow
  readonly #sessions: Sessions
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, sessions: Sessions, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    this.#flow = flow
    this.#sessions = sessions
    this.#streamOf = streamOf
  }

  /** Records of each session; 8 bytes big-endian on the wire, as Kafka Streams' `Long`. */
  count(name: string, options: WindowedStoreOptions<K> = {}): Table<Windowed<K>, number> {
    const merge = (a: number, b: number) => a + b
    return this.#table('count', name, { kind: 'count' }, merge, options)
  }

  /** As `reduce` of a keyed stream, for each session; sessions are merged by the same function. */
  reduce(
    name: string,
    fn: (aggregate: V, value: V, key: K) => V,
    options: WindowedValueStoreOptions<K, V> = {},
  ): Table<Windowed<K>, V> {
    checkFunction(`reduce("${name}")`, fn)
    return this.#table('reduce', name, { kind: 'reduce', fn }, fn, options)
  }

  /** As `aggregate` of a keyed stream, for each session; `merge` makes one aggregate out of two. */
  aggregate<A>(name: string, options: SessionAggregateOptions<K, V, A>): Table<Windowed<K>, A> {
    const { init, add, merge } = options
    checkFunction(`init of aggregate("${name}")`, init)
    checkFunction(`add of aggregate("${name}")`, add)
    checkFunction(`merge of aggregate("${name}")`, merge)
    return this.#table('aggregate', name, { kind: 'aggregate', init, add }, merge, options)
  }

  /** As `sum` of a keyed stream, for each session. */
  sum(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number> = {},
  ): Table<Windowed<K>, number> {
    return this.#numbers('sum', name, selector, options)
  }

  /** As `min` of a keyed stream, for each session. */
  min(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number> = {},
  ): Table<Windowed<K>, number> {
    return this.#numbers('min', name, selector, options)
  }

  /** As `max` of a keyed stream, for each session. */
  max(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number> = {},
  ): Table<Windowed<K>, number> {
    return this.#numbers('max', name, selector, options)
  }

  /** As `minBy` of a keyed stream, for each session. */
  minBy(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, V> = {},
  ): Table<Windowed<K>, V> {
    const fn = valueFold('minBy', name, selector)
    return this.#table('minBy', name, { kind: 'reduce', fn }, fn, options)
  }

  /** As `maxBy` of a keyed stream, for each session. */
  maxBy(
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, V> = {},
  ): Table<Windowed<K>, V> {
    const fn = valueFold('maxBy', name, selector)
    return this.#table('maxBy', name, { kind: 'reduce', fn }, fn, options)
  }

  #numbers(
    call: 'sum' | 'min' | 'max',
    name: string,
    selector: Selector<V>,
    options: WindowedValueStoreOptions<K, number>,
  ): Table<Windowed<K>, number> {
    const { fn, merge } = numberFold(call, name, selector)
    return this.#table(call, name, fn, merge, options)
  }

  #table<TV>(
    call: AggregateCall,
    name: string,
    fn: AggregateFunction,
    merge: (earlier: TV, later: TV, key: K) => TV,
    options: WindowedValueStoreOptions<K, TV>,
  ): Table<Windowed<K>, TV> {
    const sessions = this.#sessions
    const flow = addSessionAggregate(this.#flow, sessions, call, name, { fn, merge }, options)
    return new Table(flow, this.#streamOf)
  }
}

interface SessionFunctions {
  readonly fn: AggregateFunction
  readonly merge: SessionAggregateSpec['merge']
}

function addSessionAggregate<K, V>(
  flow: Flow,
  { gapMs, graceMs, emit }: Sessions,
  call: AggregateCall,
  name: string,
  { fn, merge }: SessionFunctions,
  options: WindowedValueStoreOptions<K, V>,
): TableFlow {
  const own = call === 'aggregate' ? ['merge'] : []
  const what = flow.draft.own(call, name)
  checkOptions(what, options, [...storeOptions, ...aggregateOptions[call], ...own])
  const value = aggregateValue(flow, call, what, options.value)
  const { store: plain, serdes } = storeOf(flow, what, name, options, value)
  const store = Object.freeze({
    ...inMemory(what, plain),
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
