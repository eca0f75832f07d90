import { checkFunction, checkOptions } from '../checks.ts'
import type { Flow } from '../draft.ts'
import { addProcess } from './build.ts'
import type { KeyedProcessOptions, RecordsProcessOptions, ValuesProcessOptions } from './options.ts'
import type { StateDeclarations } from './states.ts'

const shared = ['out', 'sides', 'stores', 'onRecord', 'onStart', 'onError']
export const keyedOptions = ['key', 'state', 'backend', 'changelog', 'onTimer', ...shared]

export function addKeyedProcess<K, V, O, S extends StateDeclarations>(
  flow: Flow,
  name: string,
  options: KeyedProcessOptions<K, V, O, S>,
): Flow {
  const what = flow.draft.own('process', name)
  checkOptions(what, options, keyedOptions)
  checkFunction(`onRecord of ${what}`, options.onRecord)
  const inputs = [flow.edge]
  const draft = { what, name, mode: 'keyed', options, inputs } as const
  return addProcess(flow, draft, [options.onRecord.bind(options)])
}

/** Keys stay as they are, so what is behind needs no repartitioning. */
export function addValuesProcess<K, V, O>(
  flow: Flow,
  name: string,
  options: ValuesProcessOptions<K, V, O>,
): Flow {
  const what = flow.draft.own('processValues', name)
  checkOptions(what, options, shared)
  checkFunction(`onRecord of ${what}`, options.onRecord)
  const inputs = [flow.edge]
  const draft = { what, name, mode: 'values', options, inputs } as const
  return { ...addProcess(flow, draft, [options.onRecord.bind(options)]), key: flow.key }
}

export function addRecordsProcess<K, V, OK, OV>(
  flow: Flow,
  name: string,
  options: RecordsProcessOptions<K, V, OK, OV>,
): Flow {
  const what = flow.draft.own('process', name)
  checkOptions(what, options, ['outKey', ...shared])
  checkFunction(`onRecord of ${what}`, options.onRecord)
  const key = flow.draft.choose('key', what, options.outKey, undefined)
  const inputs = [flow.edge]
  const draft = { what, name, mode: 'records', options, inputs } as const
  const out = addProcess(flow, draft, [options.onRecord.bind(options)])
  const known = { serde: key.serde, node: out.edge.node }
  return { ...out, key: known, rekeyedBy: what }
}
