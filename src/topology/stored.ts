/** Operators that own a store. */
import type { AggregateSpec, Emit, OperatorSpec } from '../operators/spec.ts'
import { double, int64 } from '../serde/numbers.ts'
import type { Serde } from '../serde/serde.ts'
import { storeBackends, type StoreBackend, type StoreSpec } from '../state/spec.ts'
import { checkChangelog, checkChoice, checkOptions, checkPolicy } from './checks.ts'
import type { ChosenSerde, Flow, KnownSerde, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import type { SerdeReason, TopologyNode } from './nodes.ts'
import type { StoreOptions, ValueStoreOptions } from './options.ts'

export const storeOptions = ['key', 'backend', 'changelog', 'onError']

export interface Stored {
  readonly store: StoreSpec
  readonly serdes: { readonly key: SerdeReason; readonly value: SerdeReason }
}

/** State by key is found only where the records of a key come to one task. */
export function checkPartitioned(flow: Flow, call: string): void {
  if (flow.rekeyedBy === undefined) return
  throw refuse(
    'NOT_PARTITIONED_BY_KEY',
    `${call} follows ${flow.rekeyedBy}, which changes keys, so the records of one key ` +
      `may be in several partitions: use groupBy('name', (value, key) => …), or ` +
      `repartition('name') before it`,
  )
}

export type AggregateCall =
  | 'count'
  | 'reduce'
  | 'aggregate'
  | 'sum'
  | 'min'
  | 'max'
  | 'minBy'
  | 'maxBy'

/** Options of an aggregation besides those of its store. */
export const aggregateOptions: Readonly<Record<AggregateCall, readonly string[]>> = {
  count: [],
  reduce: ['value'],
  aggregate: ['value', 'init', 'add'],
  sum: ['value'],
  min: ['value'],
  max: ['value'],
  minBy: ['value'],
  maxBy: ['value'],
}

/** Adds an aggregation over a key. */
export function addAggregate<K, V>(
  flow: Flow,
  call: AggregateCall,
  name: string,
  fn: AggregateSpec['function'],
  options: ValueStoreOptions<K, V>,
): TableFlow {
  const { stored, kept } = aggregated(flow, call, name, aggregateOptions[call], options)
  const spec: AggregateSpec = Object.freeze({
    kind: 'aggregate',
    function: Object.freeze(fn),
    ...kept,
  })
  return storedTable(flow, name, stored, spec)
}

/** What aggregations of streams and of tables keep, and when they tell it. */
export function aggregated<K, V>(
  flow: Flow,
  call: AggregateCall,
  name: string,
  own: readonly string[],
  options: ValueStoreOptions<K, V>,
) {
  const what = flow.draft.own(call, name)
  checkOptions(what, options, [...storeOptions, 'emit', ...own])
  const value = aggregateValue(flow, call, what, options.value)
  const stored = storeOf(flow, what, name, options, value)
  const emit = checkChoice(`emit of ${what}`, options.emit, ['update', 'change', 'commit'])
  const kept = { store: stored.store, emit, onError: checkPolicy(what, options.onError) }
  return { stored, kept }
}

/** Adds the operator that has the store; what comes out are the changes of a table. */
export function storedTable(
  flow: Flow,
  name: string,
  stored: Stored,
  spec: OperatorSpec,
): TableFlow {
  return tableFlow(flow, name, stored, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [flow.edge],
    serdes: stored.serdes,
    spec,
  }))
}

/** Counts are written as `int64`, other numbers as `double`, values as the values were. */
export function aggregateValue<V>(
  { draft, value }: Flow,
  call: AggregateCall,
  what: string,
  stated: Serde<V> | undefined,
): ChosenSerde {
  if (call === 'count') return { serde: int64, reason: Object.freeze({ kind: 'fixed' as const }) }
  const isNumber = call === 'sum' || call === 'min' || call === 'max'
  if (isNumber && stated === undefined) {
    return { serde: double, reason: Object.freeze({ kind: 'default' as const }) }
  }
  return draft.choose('value', what, stated, call === 'aggregate' ? undefined : value)
}

export function addToTable<K, V>(
  flow: Flow,
  name: string,
  options: ValueStoreOptions<K, V>,
): TableFlow {
  checkPartitioned(flow, `toTable("${name}")`)
  const what = flow.draft.own('toTable', name)
  checkOptions(what, options, [...storeOptions, 'emit', 'value'])
  const value = flow.draft.choose('value', what, options.value, flow.value)
  const stored = storeOf(flow, what, name, options, value)
  const emit = checkChoice(`emit of ${what}`, options.emit, ['update', 'change', 'commit'])
  const spec = Object.freeze({ kind: 'to-table' as const, store: stored.store, emit })
  return storedTable(flow, name, stored, spec)
}

/** A table of a topic, which is its changelog: nothing else is written for it. */
export function addTopicTable(
  flow: Flow,
  name: string,
  topic: string,
  { emit, backend }: { readonly emit: Emit; readonly backend: StoreBackend | undefined },
  { key, value }: { readonly key: ChosenSerde; readonly value: ChosenSerde },
): TableFlow {
  const store: StoreSpec = Object.freeze({
    name,
    key: key.serde,
    value: value.serde,
    backend,
    changelog: false,
    sourceTopic: topic,
  })
  const serdes = Object.freeze({ key: key.reason, value: value.reason })
  const spec = Object.freeze({ kind: 'to-table' as const, store, emit })
  return storedTable(flow, name, { store, serdes }, spec)
}

interface Kept {
  readonly backend?: StoreBackend | undefined
  readonly changelog?: StoreSpec['changelog'] | undefined
}

/** Where a store is kept, and what survives of it. */
export function checkKept(
  what: string,
  { backend, changelog }: Kept,
): Pick<StoreSpec, 'backend' | 'changelog'> {
  if (backend === 'lmdb' && changelog === false) {
    throw refuse(
      'INVALID_ARGUMENT',
      `${what} has backend 'lmdb' and changelog false: files are kept up to a position of the ` +
        'changelog, so leave one of the two out',
    )
  }
  return { backend: checkBackend(what, backend), changelog: checkChangelog(what, changelog) }
}

export function checkBackend(
  what: string,
  backend: StoreBackend | undefined,
): StoreBackend | undefined {
  if (backend === undefined) return undefined
  return checkChoice(`backend of ${what}`, backend, storeBackends)
}

export function storeOf<K>(
  flow: Flow,
  what: string,
  name: string,
  options: Pick<StoreOptions<K>, 'key' | 'backend' | 'changelog'>,
  value: ChosenSerde,
): Stored {
  const key = flow.draft.choose('key', what, options.key, flow.key)
  const store: StoreSpec = Object.freeze({
    name,
    key: key.serde,
    value: value.serde,
    ...checkKept(what, options),
  })
  return { store, serdes: Object.freeze({ key: key.reason, value: value.reason }) }
}

export function tableFlow(
  flow: Flow,
  name: string,
  { store }: Stored,
  make: (name: string) => TopologyNode,
): TableFlow {
  const node = flow.draft.next
  const edge = flow.draft.add('', name, make)
  const known = (serde: Serde<unknown>): KnownSerde => ({ serde, node })
  return {
    draft: flow.draft,
    edge,
    key: known(store.key),
    value: known(store.value),
    rekeyedBy: undefined,
    timed: flow.timed,
    what: `table "${store.name}"`,
    store,
  }
}
