import type { JoinSpec } from '../operators/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import type { Joiner, JoinOptions } from './options.ts'
import { checkPartitioned } from './stored.ts'
import { type Table, tableFlowOf } from './table.ts'

/** Adds the join of a stream with a table; it keeps no state of its own. */
export function addTableJoin<K, L, T, R, J>(
  flow: Flow,
  call: 'join' | 'leftJoin',
  name: string,
  of: Table<K, T>,
  joiner: Joiner<K, L, R, J>,
  options: JoinOptions,
): Flow {
  const { draft, edge } = flow
  const what = draft.own(call, name)
  checkOptions(what, options, ['onError'])
  checkFunction(`the joiner of ${what}`, joiner)
  const table = tableFlowOf(what, of)
  checkPartitioned(flow, what)
  if (table.draft !== draft) {
    throw refuse(
      'FOREIGN_STREAM',
      `${what} got the table "${table.store.name}" of another topology than "${draft.application}"`,
    )
  }
  checkKeys(flow, what, table)
  const spec: JoinSpec = Object.freeze({
    kind: 'join',
    side: call === 'leftJoin' ? 'left' : 'inner',
    table: table.store,
    fn: joiner,
    onError: checkPolicy(what, options.onError),
  })
  const joined = draft.add('', name, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [edge],
    lookups: [table.edge],
    spec,
  }))
  return { ...flow, edge: joined, value: undefined }
}

/** Keys written in two ways are in different partitions, and not found. */
function checkKeys({ key }: Flow, what: string, { store }: TableFlow): void {
  if (key === undefined || key.serde.name === store.key.name) return
  throw refuse(
    'NOT_CO_PARTITIONED',
    `${what} joins a stream with keys written by ${key.serde.name} with the table ` +
      `"${store.name}", whose keys are written by ${store.key.name}: read both with the same key ` +
      `serde, or send the stream through repartition('name', { key: … }) with the table's`,
  )
}
