import { assertNever } from '../model/errors.ts'
import type { ForeignKeySpec } from '../operators/foreign-key/spec.ts'
import { reducerSeesKey, seesKey } from '../operators/reads-key.ts'
import { rowsSeeKey } from '../operators/table/aggregate.ts'
import type { TableSpec } from '../operators/table/spec.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'

/** What a step does with the key and value it is handed. */
export interface Use {
  readonly readsKey: boolean
  readonly readsValue: boolean
  /** The same key, or value, is in the records it hands on. */
  readonly keepsKey: boolean
  readonly keepsValue: boolean
}

/** Of operators on tables. @param key Serde that the keys came with. */
export function tableUse(spec: TableSpec | ForeignKeySpec, key: Serde<unknown>): Use {
  const readsValue = true
  switch (spec.kind) {
    case 'table-filter':
    case 'table-map-values': {
      const readsKey = seesKey(spec.fn) || isOther(spec.store, key)
      return { readsKey, readsValue, keepsKey: true, keepsValue: spec.kind === 'table-filter' }
    }
    case 'versioned-table':
      return { readsKey: spec.key !== key, readsValue, keepsKey: true, keepsValue: true }
    case 'table-group-by':
      return { readsKey: seesKey(spec.fn), readsValue, keepsKey: false, keepsValue: false }
    case 'table-aggregate': {
      const readsKey = rowsSeeKey(spec.function) || isOther(spec.store, key)
      return { readsKey, readsValue, keepsKey: true, keepsValue: false }
    }
    case 'table-join-side': {
      const readsKey = reducerSeesKey(spec.fn) || spec.other.key !== key
      return { readsKey, readsValue, keepsKey: true, keepsValue: false }
    }
    case 'table-merge':
    case 'foreign-key-result':
      return { readsKey: isOther(spec.store, key), readsValue, keepsKey: true, keepsValue: true }
    case 'foreign-key-subscribe': {
      const readsKey = seesKey(spec.foreignKeyOf) || spec.key !== key
      return { readsKey, readsValue, keepsKey: true, keepsValue: false }
    }
    case 'foreign-key-subscriptions':
    case 'foreign-key-rows':
      return { readsKey: false, readsValue, keepsKey: false, keepsValue: false }
    case 'foreign-key-join': {
      const readsKey = reducerSeesKey(spec.fn) || spec.left.key !== key
      return { readsKey, readsValue, keepsKey: true, keepsValue: false }
    }
    default:
      return assertNever(spec)
  }
}

/** A store that writes keys in another way than they came. */
function isOther(store: StoreSpec | undefined, key: Serde<unknown>): boolean {
  return store !== undefined && store.key !== key
}
