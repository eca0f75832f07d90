import type { StoreSpec } from '../state/spec.ts'
import { checkOptions } from './checks.ts'
import type { ChosenSerde, KnownSerde, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import type { SerdeReason, TopologyNode } from './nodes.ts'
import type { RowOptions } from './options.ts'
import { storeOf } from './stored.ts'

const rowOptions = ['name', 'onError', 'store', 'key', 'value', 'backend', 'changelog']

/** What an operator from table to table keeps, and writes with. */
export interface KeptRows {
  readonly store: StoreSpec | undefined
  /** Undefined: nothing says how the values are written. */
  readonly value: ChosenSerde | undefined
  readonly serdes: { readonly key: SerdeReason; readonly value: SerdeReason } | undefined
}

/**
 * Checks the options of an operator from table to table, and names its store.
 * @param value Serde of its values as far as it is known from before.
 * @param owned The name that the operator has claimed already.
 */
export function keptRows<K, V>(
  flow: TableFlow,
  what: string,
  options: RowOptions<K, V>,
  value: KnownSerde | undefined,
  owned?: string,
): KeptRows {
  checkOptions(what, options, owned === undefined ? rowOptions : rowOptions.slice(1))
  const { store: name } = options
  if (name === undefined) {
    checkNoStore(what, options)
    if (options.value === undefined)
      return { store: undefined, value: undefined, serdes: undefined }
    const chosen = flow.draft.choose('value', what, options.value, value)
    return { store: undefined, value: chosen, serdes: undefined }
  }
  if (name !== owned) flow.draft.own(`the store of ${what.replace(/\(.*/s, '')}`, name)
  const chosen = flow.draft.choose('value', what, options.value, value)
  const { store, serdes } = storeOf(flow, what, name, options, chosen)
  return { store, value: chosen, serdes }
}

function checkNoStore<K, V>(what: string, options: RowOptions<K, V>): void {
  const given = (['key', 'backend', 'changelog'] as const).find(
    (option) => options[option] !== undefined,
  )
  if (given === undefined) return
  throw refuse(
    'INVALID_ARGUMENT',
    `${what} has the option ${given} and no store that it is for: name one with { store: 'name' }`,
  )
}

/** Appends the operator; what comes out is a table with its rows. */
export function rowsFlow(
  flow: TableFlow,
  { store, value, serdes }: KeptRows,
  part: { readonly what: string; readonly label: string; readonly name: string | undefined },
  values: KnownSerde | undefined,
  make: (name: string) => TopologyNode,
): TableFlow {
  const node = flow.draft.next
  const edge = flow.draft.add(part.label, part.name, (name) => ({
    ...make(name),
    ...(serdes === undefined ? {} : { serdes }),
  }))
  const what = store === undefined ? part.what : `table "${store.name}"`
  return {
    ...flow,
    edge,
    key: store === undefined ? flow.key : { serde: store.key, node },
    value: value === undefined ? values : { serde: value.serde, node },
    what,
    store,
  }
}
