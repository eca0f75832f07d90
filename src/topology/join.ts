import type { JoinSpec } from '../operators/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import { checkLookUp } from './look-up.ts'
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
  checkLookUp(flow, 'stream', what, table)
  const spec: JoinSpec = Object.freeze({
    kind: 'join',
    side: call === 'leftJoin' ? 'left' : 'inner',
    table: Object.freeze({ key: table.key.serde, store: table.store }),
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
