import { checkOptions } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { addForeignKeyJoin } from './foreign-key-join.ts'
import { addTableGroupBy, GroupedTable } from './grouped-table.ts'
import type {
  ForeignKeyOptions,
  GroupOptions,
  Joiner,
  RowFn,
  RowOptions,
  SinkOptions,
  SuppressOptions,
} from './options.ts'
import { refuse } from './failures.ts'
import { addSink } from './sink.ts'
import type { Kept } from './split.ts'
import type { Stream } from './stream.ts'
import { addSuppress, type Suppression } from './suppress.ts'
import { addTablePairJoin } from './table-join.ts'
import { addTableFilter, addTableMapValues } from './table-rows.ts'

/** What the other operators of a topology see of a table; not for its author. */
export let tableFlowOf: <K, V>(what: string, table: Table<K, V>) => TableFlow

/**
 * The last value of each key; what comes out are its changes. Semantics: Kafka Streams' KTable.
 * Null is a row that is not there: functions never get it, but for the missing side of a join.
 */
export class Table<K, V> {
  readonly #flow: TableFlow
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  static {
    tableFlowOf = (what, table) => {
      if (typeof table === 'object' && table !== null && #flow in table) return table.#flow
      throw refuse('INVALID_ARGUMENT', `${what} needs a table, as t.table() and toTable() answer`)
    }
  }

  constructor(flow: TableFlow, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    this.#flow = flow
    this.#streamOf = streamOf
  }

  /**
   * The changes as records, the last one of each key only, and some time later:
   * `suppress('calm', untilTimeLimit('10s'))` tells a key's last change 10 s of event time after
   * the first that it keeps back; `suppress('final', untilWindowCloses())` tells each window once,
   * when it has closed. What is kept back is state, in the store `name`.
   * @throws StreamError `NO_EVENT_TIME` where no source gives a watermark, `INVALID_ARGUMENT` for
   * `untilWindowCloses` of a table without windows
   */
  suppress(name: string, suppression: Suppression, options: SuppressOptions<V> = {}): Stream<K, V> {
    return this.#streamOf(addSuppress(this.#flow, name, suppression, options))
  }

  /** The rows for which `fn` answers true; one for which it no longer does is deleted. */
  filter<F extends RowFn<K, V, boolean>>(
    fn: F & RowFn<K, V, boolean>,
    options: RowOptions<K, V> = {},
  ): Table<K, Kept<V, F>> {
    return this.#table(addTableFilter(this.#flow, 'filter', fn, options))
  }

  /** The rows for which `fn` answers false. */
  filterNot(fn: RowFn<K, V, boolean>, options: RowOptions<K, V> = {}): Table<K, V> {
    return this.#table(addTableFilter(this.#flow, 'filterNot', fn, options))
  }

  /** Each row with the value that `fn` answers; null for a row that is not to be there. */
  mapValues<NV>(
    fn: RowFn<K, V, NV>,
    options: RowOptions<K, NonNullable<NV>> = {},
  ): Table<K, NonNullable<NV>> {
    return this.#table(addTableMapValues(this.#flow, fn, options))
  }

  /**
   * Groups the rows by another key, with another value: `groupBy('by-city', (user) => [user.city,
   * user.age])`. What a change takes from a group and adds to one goes through the topic
   * `<application>-<name>-repartition`. A row whose new key or value is null is in no group.
   * @param name Names the topic; unique in the topology.
   */
  groupBy<NK, NV>(
    name: string,
    selector: RowFn<K, V, readonly [NK, NV]>,
    options: GroupOptions<NonNullable<NK>, NonNullable<NV>> = {},
  ): GroupedTable<NonNullable<NK>, NonNullable<NV>> {
    const flow = addTableGroupBy(this.#flow, name, selector, options)
    return new GroupedTable(flow, (table) => new Table(table, this.#streamOf))
  }

  /**
   * The rows that both tables have, joined by their keys; changes of either change them. Records
   * are processed in the order of their timestamps over both. The result's rows are made when they
   * are looked up, unless `store` names where they are kept.
   * @param name Unique in the topology.
   * @param joiner Gets live values: it must not change them.
   * @throws StreamError `NOT_CO_PARTITIONED` where the tables have different key serdes
   */
  join<T, J>(
    name: string,
    table: Table<K, T>,
    joiner: Joiner<K, V, T, J>,
    options?: Omit<RowOptions<K, J>, 'name'>,
  ): Table<K, J>
  /**
   * Joins each row with the row of another table that it points to: `orders.join('with-customer',
   * customers, { foreignKey: (order) => order.customer, joiner: (order, customer) => … })`. Changes
   * of either change the result, which is kept in the store `name`, after two topics and the
   * commits between. As Kafka Streams' foreign-key join (KIP-213).
   */
  join<FK, T, J>(
    name: string,
    table: Table<FK, T>,
    options: ForeignKeyOptions<K, V, T, FK, J>,
  ): Table<K, J>
  join<FK, T, J>(
    name: string,
    table: Table<FK, T>,
    how: Joiner<K, V, T, J> | ForeignKeyOptions<K, V, T, FK, J>,
    options: Omit<RowOptions<K, J>, 'name'> = {},
  ): Table<K, J> {
    return this.#joinedHow('join', name, table, how, options)
  }

  /**
   * As `join`, with all rows of this table; null stands for a row that the other does not have, or
   * that this one does not point to.
   */
  leftJoin<T, J>(
    name: string,
    table: Table<K, T>,
    joiner: Joiner<K, V, T | null, J>,
    options?: Omit<RowOptions<K, J>, 'name'>,
  ): Table<K, J>
  leftJoin<FK, T, J>(
    name: string,
    table: Table<FK, T>,
    options: ForeignKeyOptions<K, V, T | null, FK, J>,
  ): Table<K, J>
  leftJoin<FK, T, J>(
    name: string,
    table: Table<FK, T>,
    how: Joiner<K, V, T | null, J> | ForeignKeyOptions<K, V, T | null, FK, J>,
    options: Omit<RowOptions<K, J>, 'name'> = {},
  ): Table<K, J> {
    return this.#joinedHow('leftJoin', name, table, how, options)
  }

  /** As `join`, with all rows of both tables; null stands for a row that one does not have. */
  outerJoin<T, J>(
    name: string,
    table: Table<K, T>,
    joiner: Joiner<K, V | null, T | null, J>,
    options: Omit<RowOptions<K, J>, 'name'> = {},
  ): Table<K, J> {
    return this.#joined('outerJoin', name, table, joiner, options)
  }

  /** The changes as records: the new value, null for a deletion. */
  toStream(options: { readonly name?: string } = {}): Stream<K, V> {
    return this.#streamOf(this.#changes(options))
  }

  /** Writes the changes to a topic: the new value, null for a deletion. */
  to(topic: string, options: SinkOptions<K, V> = {}): void {
    addSink(this.#changes({}), topic, options)
  }

  #joinedHow<FK, R, T extends R, J>(
    call: 'join' | 'leftJoin',
    name: string,
    table: Table<FK, T>,
    how: Joiner<K, V, R, J> | ForeignKeyOptions<K, V, R, FK, J>,
    options: Omit<RowOptions<K, J>, 'name'>,
  ): Table<K, J> {
    if (typeof how === 'function' || how === null || typeof how !== 'object') {
      return this.#joined(call, name, table, how, options)
    }
    const right = tableFlowOf(`${call}("${name}")`, table)
    const { foreignKey: foreignKeyOf, joiner: fn } = how
    const pair = { call, left: this.#flow, right }
    return this.#table(addForeignKeyJoin(pair, name, how, { foreignKeyOf, fn }))
  }

  #joined<RK, T, L, R, J>(
    call: 'join' | 'leftJoin' | 'outerJoin',
    name: string,
    table: Table<RK, T>,
    joiner: Joiner<K, L, R, J>,
    options: Omit<RowOptions<K, J>, 'name'>,
  ): Table<K, J> {
    const right = tableFlowOf(`${call}("${name}")`, table)
    return this.#table(addTablePairJoin({ call, left: this.#flow, right }, name, joiner, options))
  }

  #table<TV>(flow: TableFlow): Table<K, TV> {
    return new Table(flow, this.#streamOf)
  }

  #changes(options: { readonly name?: string }): Flow {
    const { draft, edge, key, value, rekeyedBy, timed } = this.#flow
    checkOptions('toStream()', options, ['name'])
    draft.label('toStream', options.name)
    const stream = draft.add('to-stream', options.name, (name) => ({
      kind: 'operator',
      name,
      inputs: [edge],
      spec: Object.freeze({ kind: 'to-stream' }),
    }))
    return { draft, edge: stream, key, value, rekeyedBy, timed }
  }
}
