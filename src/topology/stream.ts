import type { OutputTag } from '../operators/output-tag.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import { refuse } from './failures.ts'
import { KeyedStream } from './keyed-stream.ts'
import { addGlobalJoin, globalFlowOf, GlobalTable } from './global-table.ts'
import { addTableJoin } from './join.ts'
import { merged } from './merge.ts'
import type {
  ChosenSinkOptions,
  GlobalJoinOptions,
  Joiner,
  JoinOptions,
  OperatorOptions,
  RecordFn,
  RepartitionOptions,
  SinkOptions,
  StreamJoinOptions,
  ValueStoreOptions,
} from './options.ts'
import { type BroadcastOptions, broadcasting, BroadcastStream } from './process/connected.ts'
import { addRecordsProcess, addValuesProcess } from './process/operators.ts'
import type { RecordsProcessOptions, ValuesProcessOptions } from './process/options.ts'
import { sideFlow } from './process/output-tag.ts'
import { repartitioned } from './repartition.ts'
import { addSink } from './sink.ts'
import { addStreamJoin } from './stream-join.ts'
import { addSplit, type Branches, type BranchStreams, type Predicate, type Kept } from './split.ts'
import { addToTable, checkPartitioned } from './stored.ts'
import { Table } from './table.ts'

/**
 * A stream of records. Every method adds an operator to the topology and answers what comes out
 * of it; a stream may be used any number of times. Semantics: Kafka Streams' KStream, unless a
 * method says otherwise. `key` is null in user functions for a record without one.
 */
export class Stream<K, V> {
  readonly #flow: Flow

  constructor(flow: Flow) {
    this.#flow = flow
  }

  /** Each record becomes the `[key, value]` that `fn` answers. */
  map<NK, NV>(
    fn: RecordFn<K, V, readonly [NK, NV]>,
    options: OperatorOptions = {},
  ): Stream<NK, NV> {
    const changes = { key: undefined, value: undefined, rekeyedBy: 'map()' }
    return this.#apply('map', fn, options, (onError) => ({ kind: 'map', fn, onError }), changes)
  }

  /** Each record keeps its key and gets the value that `fn` answers. */
  mapValues<NV>(fn: RecordFn<K, V, NV>, options: OperatorOptions = {}): Stream<K, NV> {
    const spec = (onError: OnError): OperatorSpec => ({ kind: 'map-values', fn, onError })
    return this.#apply('mapValues', fn, options, spec, { value: undefined })
  }

  /** Each record becomes the `[key, value]` pairs that `fn` answers, none or many. */
  flatMap<NK, NV>(
    fn: RecordFn<K, V, Iterable<readonly [NK, NV]>>,
    options: OperatorOptions = {},
  ): Stream<NK, NV> {
    const spec = (onError: OnError): OperatorSpec => ({ kind: 'flat-map', fn, onError })
    const changes = { key: undefined, value: undefined, rekeyedBy: 'flatMap()' }
    return this.#apply('flatMap', fn, options, spec, changes)
  }

  /** Each record becomes one record with its key for each value that `fn` answers. */
  flatMapValues<NV>(
    fn: RecordFn<K, V, Iterable<NV>>,
    options: OperatorOptions = {},
  ): Stream<K, NV> {
    const spec = (onError: OnError): OperatorSpec => ({ kind: 'flat-map-values', fn, onError })
    return this.#apply('flatMapValues', fn, options, spec, { value: undefined })
  }

  /** Keeps the records for which `fn` answers true; a type guard narrows the values' type. */
  filter<F extends Predicate<K, V>>(
    fn: F & Predicate<K, V>,
    options: OperatorOptions = {},
  ): Stream<K, Kept<V, F>> {
    const spec = (onError: OnError): OperatorSpec => filterSpec(fn, false, onError)
    return this.#apply('filter', fn, options, spec, {})
  }

  /** Keeps the records for which `fn` answers false. */
  filterNot(fn: Predicate<K, V>, options: OperatorOptions = {}): Stream<K, V> {
    const spec = (onError: OnError): OperatorSpec => filterSpec(fn, true, onError)
    return this.#apply('filterNot', fn, options, spec, {})
  }

  /** Each record keeps its value and gets the key that `fn` answers. */
  selectKey<NK>(fn: RecordFn<K, V, NK>, options: OperatorOptions = {}): Stream<NK, V> {
    const spec = (onError: OnError): OperatorSpec => ({ kind: 'select-key', fn, onError })
    const changes = { key: undefined, rekeyedBy: 'selectKey()' }
    return this.#apply('selectKey', fn, options, spec, changes)
  }

  /**
   * Calls `fn` with each record and passes it on unchanged. A record is seen again when its epoch
   * is done again: effects outside of Kafka are not exactly once.
   */
  peek(fn: RecordFn<K, V, unknown>, options: OperatorOptions = {}): Stream<K, V> {
    const spec = (onError: OnError): OperatorSpec => ({ kind: 'peek', fn, onError })
    return this.#apply('peek', fn, options, spec, {})
  }

  /** Calls `fn` with each record, and ends there; see `peek`. */
  forEach(fn: RecordFn<K, V, unknown>, options: OperatorOptions = {}): void {
    this.#apply('forEach', fn, options, (onError) => ({ kind: 'peek', fn, onError }), {})
  }

  /**
   * The records of these streams too, each in its order, in no order among each other.
   * @throws StreamError `FOREIGN_STREAM` for a stream of another topology
   */
  merge(...others: readonly Stream<K, V>[]): Stream<K, V> {
    return new Stream(
      merged(
        this.#flow,
        others.map((other) => other.#flow),
      ),
    )
  }

  /**
   * Sends each record to the first branch whose predicate answers true: `split({ big: (v) => v >
   * 100, small: 'rest' })`. Without a branch `'rest'`, a record that matches nowhere is dropped.
   */
  split<const B extends Branches<K, V>>(
    branches: B,
    options: OperatorOptions = {},
  ): BranchStreams<K, V, B> {
    return addSplit(this.#flow, branches, options, (flow) => new Stream(flow))
  }

  /**
   * Sends the records through a topic that the application owns,
   * `<application>-<name>-repartition`, partitioned by their keys.
   * @param name Names the topic; unique in the topology.
   */
  repartition(name: string, options: RepartitionOptions<K, V> = {}): Stream<K, V> {
    return new Stream(repartitioned(this.#flow, 'repartition', name, options))
  }

  /**
   * Groups by the key that the records are partitioned by.
   * @throws StreamError `NOT_PARTITIONED_BY_KEY` after an operator that changes keys
   */
  groupByKey(): KeyedStream<K, V> {
    checkPartitioned(this.#flow, 'groupByKey()')
    return new KeyedStream(this.#flow, (flow) => new Stream(flow))
  }

  /**
   * Groups by another key: the records go through the topic `<application>-<name>-repartition`.
   * @param name Names the topic; unique in the topology.
   */
  groupBy<NK>(
    name: string,
    selector: RecordFn<K, V, NK>,
    options: RepartitionOptions<NK, V> = {},
  ): KeyedStream<NK, V> {
    checkFunction(`groupBy("${name}")`, selector)
    const what = `groupBy("${name}")`
    const onError = checkPolicy(what, options.onError)
    const spec: OperatorSpec = Object.freeze({ kind: 'select-key', fn: selector, onError })
    const { draft, edge } = this.#flow
    const selected = draft.add(`${name}-key`, undefined, (label) => ({
      kind: 'operator',
      name: label,
      inputs: [edge],
      spec,
    }))
    const flow = { ...this.#flow, edge: selected, key: undefined, rekeyedBy: what }
    return new KeyedStream(
      repartitioned(flow, 'groupBy', name, options),
      (flow) => new Stream(flow),
    )
  }

  /**
   * The last value of each key, in the store `name`; a null value deletes.
   * @throws StreamError `NOT_PARTITIONED_BY_KEY` after an operator that changes keys
   */
  toTable(name: string, options: ValueStoreOptions<K, V> = {}): Table<K, V> {
    return new Table(addToTable(this.#flow, name, options), (flow) => new Stream(flow))
  }

  /**
   * Joins each record with the value that the table has of its key at that moment; a record whose
   * key the table does not have is left out. Changes of the table join nothing. Records of the
   * stream and of the table's topics are processed in the order of their timestamps, the table's
   * first where they are equal; a record without a key or value is left out.
   * @param name Unique in the topology.
   * @param joiner Gets the table's live value: it must not change it.
   * @throws StreamError `NOT_PARTITIONED_BY_KEY` after an operator that changes keys,
   * `NOT_CO_PARTITIONED` where stream and table have different key serdes
   */
  join<T, J>(
    name: string,
    table: Table<K, T>,
    joiner: Joiner<K, V, T, J>,
    options?: JoinOptions<V>,
  ): Stream<K, J>
  /**
   * Joins the records of two streams with the same key whose times are close enough: `{ within:
   * '5m' }`. The result has the later time of the two. Records wait for partners in the stores
   * `<name>-left` and `<name>-right`, or `name` for a stream with itself; one that comes when no
   * partner in time can come any more is dropped and counted as late; one without a key or value is
   * left out.
   * @param name Unique in the topology.
   * @param joiner It must change neither value.
   * @throws StreamError `NO_EVENT_TIME` where a side has no watermark, `NOT_PARTITIONED_BY_KEY`
   * after an operator that changes keys, `NOT_CO_PARTITIONED` for different key serdes
   */
  join<R, J>(
    name: string,
    other: Stream<K, R>,
    joiner: Joiner<K, V, R, J>,
    options: StreamJoinOptions<K, V, R>,
  ): Stream<K, J>
  /**
   * Joins each record with the row of a global table that it points to, as that is at the moment:
   * `orders.join('with-product', products, { on: (order) => order.product, joiner: (order, product)
   * => … })`. A record that points to no row is left out.
   * @param name Unique in the topology.
   */
  join<GK, R, J>(
    name: string,
    table: GlobalTable<GK, R>,
    options: GlobalJoinOptions<K, V, GK, R, J>,
  ): Stream<K, J>
  join<GK, R, J>(
    name: string,
    other: Table<K, R> | Stream<K, R> | GlobalTable<GK, R>,
    how: Joiner<K, V, R, J> | GlobalJoinOptions<K, V, GK, R, J>,
    options?: JoinOptions<V> | StreamJoinOptions<K, V, R>,
  ): Stream<K, J> {
    return this.#joined('join', name, other, how, options)
  }

  /** As `join`, but a record whose key the table does not have is joined with null. */
  leftJoin<T, J>(
    name: string,
    table: Table<K, T>,
    joiner: Joiner<K, V, T | null, J>,
    options?: JoinOptions<V>,
  ): Stream<K, J>
  /**
   * As `join`; a record of this stream that has found no partner is joined with null, once, when
   * none can come any more, and at once where it has no key.
   */
  leftJoin<R, J>(
    name: string,
    other: Stream<K, R>,
    joiner: Joiner<K, V, R | null, J>,
    options: StreamJoinOptions<K, V, R>,
  ): Stream<K, J>
  /** As `join`; a record that points to no row is joined with null. */
  leftJoin<GK, R, J>(
    name: string,
    table: GlobalTable<GK, R>,
    options: GlobalJoinOptions<K, V, GK, R | null, J>,
  ): Stream<K, J>
  leftJoin<GK, R, J>(
    name: string,
    other: Table<K, R> | Stream<K, R> | GlobalTable<GK, R>,
    how: Joiner<K, V, R | null, J> | GlobalJoinOptions<K, V, GK, R | null, J>,
    options?: JoinOptions<V> | StreamJoinOptions<K, V, R>,
  ): Stream<K, J> {
    return this.#joined('leftJoin', name, other, how, options)
  }

  /** As `leftJoin`, for the records of either stream: the joiner gets null for what is missing. */
  outerJoin<R, J>(
    name: string,
    other: Stream<K, R>,
    joiner: Joiner<K, V | null, R | null, J>,
    options: StreamJoinOptions<K, V, R>,
  ): Stream<K, J> {
    return this.#joined('outerJoin', name, other, joiner, options)
  }

  /**
   * Calls functions of yours with each record, records without a key too; what they emit has keys
   * of its own. Kafka Streams' Processor. State by key and timers: `groupByKey().process`.
   * @param name Names the operator.
   */
  process<OK = never, OV = never>(
    name: string,
    options: RecordsProcessOptions<K, V, OK, OV>,
  ): Stream<OK, OV> {
    return new Stream(addRecordsProcess(this.#flow, name, options))
  }

  /** As `process`, but keys stay as they are: Kafka Streams' FixedKeyProcessor. */
  processValues<O = never>(name: string, options: ValuesProcessOptions<K, V, O>): Stream<K, O> {
    return new Stream(addValuesProcess(this.#flow, name, options))
  }

  /**
   * Sends each record to every task of what this is connected to, through the repartition topic
   * that `name` names: `views.groupByKey().connect(rules.broadcast('rules'))`.
   */
  broadcast(name: string, options: BroadcastOptions<K, V> = {}): BroadcastStream<K, V> {
    return new BroadcastStream(broadcasting(this.#flow, name, options))
  }

  /**
   * What the operator that this stream comes out of sent to a side output.
   * @throws StreamError `INVALID_ARGUMENT` where the operator does not have the tag in its `sides`
   */
  sideOutput<T>(tag: OutputTag<T>): Stream<K, T> {
    return new Stream(sideFlow(this.#flow, tag))
  }

  /** Writes the records to a topic, in the transaction of their epoch. */
  to(topic: string, options?: SinkOptions<K, V>): void
  /** The same, each to the one of the topics that `topic` answers: `{ topics: ['a', 'b'] }`. */
  to<const T extends string>(
    topic: RecordFn<K, V, NoInfer<T>>,
    options: ChosenSinkOptions<K, V, T>,
  ): void
  to<T extends string>(
    topic: string | RecordFn<K, V, T>,
    options: SinkOptions<K, V> | ChosenSinkOptions<K, V, T> = {},
  ): void {
    addSink(this.#flow, topic, options)
  }

  #joined<GK, R, JL, JR, J>(
    call: 'join' | 'leftJoin' | 'outerJoin',
    name: string,
    other: Table<K, R> | Stream<K, R> | GlobalTable<GK, R>,
    how: Joiner<K, JL, JR, J> | GlobalJoinOptions<K, V, GK, JR, J>,
    options: JoinOptions<V> & Partial<StreamJoinOptions<K, V, R>> = {},
  ): Stream<K, J> {
    const flow = this.#flow
    const what = `${call}("${name}")`
    if (other instanceof GlobalTable) {
      if (call !== 'outerJoin' && typeof how === 'object') {
        return new Stream(addGlobalJoin(flow, call, name, globalFlowOf(other), how))
      }
      throw refuse('INVALID_ARGUMENT', `${what} with a global table takes { on, joiner }`)
    }
    const joiner = how
    if (typeof joiner !== 'function') {
      flow.draft.own(call, name)
      throw refuse('INVALID_ARGUMENT', `the joiner of ${what} needs a function`)
    }
    if (other instanceof Stream) {
      return new Stream(addStreamJoin(call, name, flow, other.#flow, joiner, options))
    }
    if (call !== 'outerJoin') {
      return new Stream(addTableJoin(flow, call, name, other, joiner, options))
    }
    throw refuse('INVALID_ARGUMENT', `outerJoin("${name}") joins a stream with another stream only`)
  }

  #apply<NK, NV>(
    call: string,
    fn: unknown,
    options: OperatorOptions,
    spec: (onError: OnError) => OperatorSpec,
    changes: Partial<Pick<Flow, 'key' | 'value' | 'rekeyedBy'>>,
  ): Stream<NK, NV> {
    const { draft, edge } = this.#flow
    checkOptions(`${call}()`, options, ['name', 'onError'])
    const what = draft.label(call, options.name)
    checkFunction(what, fn)
    const frozen = Object.freeze(spec(checkPolicy(what, options.onError)))
    const next = draft.add(kebab(call), options.name, (name) => ({
      kind: 'operator',
      name,
      inputs: [edge],
      spec: frozen,
    }))
    return new Stream({ ...this.#flow, ...changes, edge: next })
  }
}

type OnError = ReturnType<typeof checkPolicy>

function filterSpec<K, V>(fn: Predicate<K, V>, negated: boolean, onError: OnError): OperatorSpec {
  return { kind: 'filter', fn, negated, onError }
}

function kebab(call: string): string {
  return call.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
