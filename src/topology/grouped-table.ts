import type { RowAggregation, ErasedRowFn, TableAggregateSpec } from '../operators/table/spec.ts'
import { changes } from '../serde/changes.ts'
import { checkFunction, checkOptions, checkPartitionCount, checkPolicy } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import type {
  GroupOptions,
  RetractAggregateOptions,
  RetractReduceOptions,
  StoreOptions,
  ValueStoreOptions,
} from './options.ts'
import { aggregated, storedTable } from './stored.ts'
import type { Table } from './table.ts'

/**
 * The rows of a table by another key. An aggregate follows every change of the table: what the old
 * row added is subtracted, then the new row is added. Semantics: Kafka Streams' KGroupedTable.
 */
export class GroupedTable<K, V> {
  readonly #flow: Flow
  readonly #tableOf: <TV>(flow: TableFlow) => Table<K, TV>

  constructor(flow: Flow, tableOf: <TV>(flow: TableFlow) => Table<K, TV>) {
    this.#flow = flow
    this.#tableOf = tableOf
  }

  /** Rows of each group now, 0 for one that has none any more; `int64` on the wire. */
  count(name: string, options: StoreOptions<K> = {}): Table<K, number> {
    return this.#table('count', name, { kind: 'count' }, options)
  }

  /** The rows of each group folded into one of their kind; the first row is the first aggregate. */
  reduce(name: string, options: RetractReduceOptions<K, V>): Table<K, V> {
    const { add, subtract } = options
    checkFunction(`add of reduce("${name}")`, add)
    checkFunction(`subtract of reduce("${name}")`, subtract)
    return this.#table('reduce', name, { kind: 'reduce', add, subtract }, options)
  }

  /**
   * The rows of each group folded into an aggregate: `aggregate('totals', { init: () => 0, add:
   * (sum, v) => sum + v, subtract: (sum, v) => sum - v })`. A row may be added before another one
   * of its group is subtracted, where both change at once.
   */
  aggregate<A>(name: string, options: RetractAggregateOptions<K, V, A>): Table<K, A> {
    const { init, add, subtract } = options
    checkFunction(`init of aggregate("${name}")`, init)
    checkFunction(`add of aggregate("${name}")`, add)
    checkFunction(`subtract of aggregate("${name}")`, subtract)
    return this.#table('aggregate', name, { kind: 'aggregate', init, add, subtract }, options)
  }

  #table<A>(
    call: 'count' | 'reduce' | 'aggregate',
    name: string,
    rows: RowAggregation,
    options: ValueStoreOptions<K, A>,
  ): Table<K, A> {
    return this.#tableOf<A>(addTableAggregate(this.#flow, call, name, rows, options))
  }
}

/** Adds the topic that carries a table's changes to the tasks of their groups. */
export function addTableGroupBy<K, V>(
  flow: TableFlow,
  name: string,
  fn: ErasedRowFn<readonly [unknown, unknown]>,
  options: GroupOptions<K, V>,
): Flow {
  const { draft } = flow
  const what = draft.own('groupBy', name)
  checkFunction(what, fn)
  checkOptions(what, options, ['key', 'value', 'partitions', 'onError'])
  const partitions = checkPartitionCount(what, options.partitions)
  const onError = checkPolicy(what, options.onError)
  const key = draft.choose('key', what, options.key, undefined)
  const value = draft.choose('value', what, options.value, undefined)
  const spec = Object.freeze({ kind: 'table-group-by', fn, key: key.serde, onError } as const)
  const placed = draft.add(`${name}-key`, undefined, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [flow.edge],
    spec,
  }))
  const node = draft.next
  const edge = draft.add('', name, (label) => ({
    kind: 'repartition',
    name: label,
    inputs: [placed],
    serdes: Object.freeze({ key: key.reason, value: value.reason }),
    key: key.serde,
    value: changes(value.serde),
    partitions,
    partitioner: undefined,
    onError,
  }))
  return {
    draft,
    edge,
    key: { serde: key.serde, node },
    value: { serde: value.serde, node },
    rekeyedBy: undefined,
    timed: flow.timed,
  }
}

function addTableAggregate<K, A>(
  flow: Flow,
  call: 'count' | 'reduce' | 'aggregate',
  name: string,
  rows: RowAggregation,
  options: ValueStoreOptions<K, A>,
): TableFlow {
  const own = {
    count: [],
    reduce: ['value', 'add', 'subtract'],
    aggregate: ['value', 'init', 'add', 'subtract'],
  }
  const { stored, kept } = aggregated(flow, call, name, own[call], options)
  const spec: TableAggregateSpec = Object.freeze({
    kind: 'table-aggregate',
    function: Object.freeze(rows),
    ...kept,
  })
  return storedTable(flow, name, stored, spec)
}
