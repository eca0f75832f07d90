/** `filter`, `filterNot` and `mapValues` of tables. */
import type { OperatorSpec } from '../operators/spec.ts'
import type { ErasedRowFn } from '../operators/table/spec.ts'
import { checkFunction, checkPolicy } from './checks.ts'
import type { TableFlow } from './draft.ts'
import type { RowOptions } from './options.ts'
import { keptRows, rowsFlow } from './row-store.ts'

export function addTableFilter<K, V>(
  flow: TableFlow,
  call: 'filter' | 'filterNot',
  fn: ErasedRowFn<boolean>,
  options: RowOptions<K, V>,
): TableFlow {
  const what = flow.draft.label(call, options.name)
  checkFunction(what, fn)
  const rows = keptRows(flow, what, options, flow.value)
  const spec: OperatorSpec = Object.freeze({
    kind: 'table-filter',
    fn,
    negated: call === 'filterNot',
    ...(rows.store === undefined ? {} : { store: rows.store }),
    onError: checkPolicy(what, options.onError),
  })
  const label = call === 'filter' ? 'filter' : 'filter-not'
  return rowsFlow(flow, rows, { what, label, name: options.name }, flow.value, (name) => ({
    kind: 'operator',
    name,
    inputs: [flow.edge],
    spec,
  }))
}

export function addTableMapValues<K, V>(
  flow: TableFlow,
  fn: ErasedRowFn<unknown>,
  options: RowOptions<K, V>,
): TableFlow {
  const what = flow.draft.label('mapValues', options.name)
  checkFunction(what, fn)
  const rows = keptRows(flow, what, options, undefined)
  const spec: OperatorSpec = Object.freeze({
    kind: 'table-map-values',
    fn,
    ...(rows.store === undefined ? {} : { store: rows.store }),
    onError: checkPolicy(what, options.onError),
  })
  const part = { what, label: 'map-values', name: options.name }
  return rowsFlow(flow, rows, part, undefined, (name) => ({
    kind: 'operator',
    name,
    inputs: [flow.edge],
    spec,
  }))
}
