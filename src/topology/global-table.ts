import type { GlobalJoinSpec } from '../operators/spec.ts'
import type { StoreSpec } from '../state/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Draft, Flow } from './draft.ts'
import { refuse } from './failures.ts'
import { checkTopic } from './names.ts'
import type { GlobalJoinOptions, GlobalTableOptions } from './options.ts'
import { checkBackend } from './stored.ts'

interface GlobalFlow {
  readonly draft: Draft
  readonly store: StoreSpec
}

/** What joins see of a global table; not for its author. */
export let globalFlowOf: <K, V>(table: GlobalTable<K, V>) => GlobalFlow

/**
 * A table of which every worker has a full copy: streams look it up by any key, without being
 * partitioned by it. Its changes join nothing.
 */
export class GlobalTable<K, V> {
  readonly #flow: GlobalFlow
  /** Keeps tables of other types apart. */
  declare readonly rowType: readonly [K, V] | undefined

  static {
    globalFlowOf = (table) => table.#flow
  }

  constructor(flow: GlobalFlow) {
    this.#flow = flow
  }
}

/** Adds the table; no part of the topology reads it. */
export function addGlobalTable<K, V>(
  draft: Draft,
  topic: string,
  options: GlobalTableOptions<K, V>,
): GlobalTable<K, V> {
  checkTopic('the topic of globalTable()', topic)
  const call = `globalTable("${topic}")`
  checkOptions(call, options, ['key', 'value', 'name', 'backend'])
  const name = options.name ?? topic
  draft.own('globalTable', name)
  const key = draft.choose('key', call, options.key, undefined)
  const value = draft.choose('value', call, options.value, undefined)
  const store: StoreSpec = Object.freeze({
    name,
    key: key.serde,
    value: value.serde,
    backend: checkBackend(call, options.backend),
    changelog: false,
    sourceTopic: topic,
  })
  draft.add('', name, (label) => ({
    kind: 'global-table',
    name: label,
    inputs: [],
    serdes: Object.freeze({ key: key.reason, value: value.reason }),
    store,
  }))
  return new GlobalTable({ draft, store })
}

/** Adds the join of a stream with a global table. */
export function addGlobalJoin<K, V, GK, R, J>(
  flow: Flow,
  call: 'join' | 'leftJoin',
  name: string,
  { draft, store }: GlobalFlow,
  options: GlobalJoinOptions<K, V, GK, R, J>,
): Flow {
  const what = flow.draft.own(call, name)
  checkOptions(what, options, ['on', 'joiner', 'onError'])
  checkFunction(`on of ${what}`, options.on)
  checkFunction(`the joiner of ${what}`, options.joiner)
  if (draft !== flow.draft) {
    throw refuse(
      'FOREIGN_STREAM',
      `${what} got the global table "${store.name}" of another topology than ` +
        `"${flow.draft.application}"`,
    )
  }
  const spec: GlobalJoinSpec = Object.freeze({
    kind: 'global-join',
    side: call === 'leftJoin' ? 'left' : 'inner',
    table: store.name,
    on: options.on,
    fn: options.joiner,
    onError: checkPolicy(what, options.onError),
  })
  const edge = flow.draft.add('', name, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [flow.edge],
    spec,
  }))
  return { ...flow, edge, value: undefined }
}
