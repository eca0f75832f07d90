import type { JoinSpec } from '../operators/spec.ts'
import { checkFunction, checkMs, checkOptions, checkPolicy } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import { checkLookUp } from './look-up.ts'
import type { SerdeReason } from './nodes.ts'
import type { Joiner, JoinOptions } from './options.ts'
import { checkKept, checkPartitioned } from './stored.ts'
import { type Table, tableFlowOf } from './table.ts'
import { waitingRecords } from './waiting-records.ts'

/** Adds the join of a stream with a table; with a grace, it keeps the records that wait. */
export function addTableJoin<K, V, T, L, R, J>(
  flow: Flow,
  call: 'join' | 'leftJoin',
  name: string,
  of: Table<K, T>,
  joiner: Joiner<K, L, R, J>,
  options: JoinOptions<V>,
): Flow {
  const { draft, edge } = flow
  const what = draft.own(call, name)
  checkOptions(what, options, ['grace', 'value', 'backend', 'changelog', 'onError'])
  checkFunction(`the joiner of ${what}`, joiner)
  const table = tableFlowOf(what, of)
  checkPartitioned(flow, what)
  checkLookUp(flow, 'stream', what, table)
  const waiting = waitingOf(flow, what, name, table, options)
  const spec: JoinSpec = Object.freeze({
    kind: 'join',
    side: call === 'leftJoin' ? 'left' : 'inner',
    table: Object.freeze({ key: table.key.serde, store: table.store }),
    ...(waiting === undefined ? {} : { store: waiting.store }),
    fn: joiner,
    onError: checkPolicy(what, options.onError),
  })
  const joined = draft.add('', name, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [edge],
    lookups: [table.edge],
    ...(waiting === undefined ? {} : { serdes: waiting.serdes }),
    spec,
  }))
  return { ...flow, edge: joined, value: undefined }
}

/** Where records wait for the watermark; undefined where they do not. */
function waitingOf<V>(
  flow: Flow,
  what: string,
  name: string,
  { key }: TableFlow,
  { grace, value, backend, changelog }: JoinOptions<V>,
) {
  if (grace === undefined) {
    if ((value ?? backend ?? changelog) === undefined) return undefined
    throw refuse(
      'INVALID_ARGUMENT',
      `${what} keeps records only where they wait: give it a grace, or leave out value, ` +
        'backend and changelog',
    )
  }
  if (!flow.timed) {
    throw refuse(
      'NO_EVENT_TIME',
      `${what} waits for the watermark, and its stream has none: give t.stream() the option ` +
        `watermark, as monotonous() or boundedOutOfOrderness('5s')`,
    )
  }
  const chosen = flow.draft.choose('value', what, value, flow.value)
  const store = waitingRecords({
    name,
    key: key.serde,
    value: chosen.serde,
    kept: checkKept(what, { backend, changelog }),
    keptMs: checkMs(`grace of ${what}`, grace, 0),
  })
  const known: SerdeReason = Object.freeze({ kind: 'follows', node: key.node })
  return { store, serdes: Object.freeze({ key: known, value: chosen.reason }) }
}
