import { assert } from '../model/errors.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import { storesOf } from '../operators/stores.ts'
import type { SubTopology } from '../plan/plan.ts'
import { CounterColumn } from '../state/counter-column.ts'
import { EpochBuffer } from '../state/epoch-buffer.ts'
import { ObjectColumn } from '../state/object-column.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { ValueColumn } from '../state/value-column.ts'
import { TimedStore } from '../state/timed-store.ts'
import { WindowStore } from '../state/window-store.ts'
import type { KeptStores } from './kept-stores.ts'

/** A store with the kind of values that its operator works on. */
export type ChainStore =
  | {
      readonly kind: 'counts'
      readonly buffer: EpochBuffer<CounterColumn>
      readonly windows: WindowStore | undefined
      readonly timed: TimedStore | undefined
    }
  | {
      readonly kind: 'objects'
      readonly buffer: EpochBuffer<ObjectColumn>
      readonly windows: WindowStore | undefined
      readonly timed: TimedStore<ObjectColumn> | undefined
    }

/** The stores of one task by name, in the order of the operators that own them. */
export class ChainStores {
  readonly #stores = new Map<string, ChainStore>()

  constructor(plan: SubTopology, kept: KeptStores | undefined) {
    for (const step of plan.steps) {
      if (step.kind !== 'operator') continue
      for (const store of storesOf(step.spec)) {
        // A store that several share is cut behind the last of them: what an earlier one emits at a
        // cut may change it.
        const known = this.#stores.get(store.name)
        this.#stores.delete(store.name)
        this.#stores.set(store.name, known ?? open(step.spec, store, kept))
      }
    }
  }

  get all(): readonly ChainStore[] {
    return Array.from(this.#stores.values())
  }

  of({ name }: StoreSpec): ChainStore {
    const store = this.#stores.get(name)
    assert(store !== undefined, `the store ${name} is owned by a step of its sub-topology`)
    return store
  }
}

function open(spec: OperatorSpec, store: StoreSpec, kept: KeptStores | undefined): ChainStore {
  const backend = kept?.below(store)
  // Rows that leave a group are counted down, sessions that merge are set: counters only go up.
  const counter = spec.kind === 'aggregate' || spec.kind === 'windowed-aggregate'
  const counts = counter && spec.function.kind === 'count'
  if (counts && store.value.name === 'int64') {
    const buffer = new EpochBuffer(store, new CounterColumn(), backend)
    return { kind: 'counts', buffer, windows: windowsOf(buffer), timed: timedOf(buffer) }
  }
  const buffer = new EpochBuffer(store, new ObjectColumn(store.value), backend)
  return { kind: 'objects', buffer, windows: windowsOf(buffer), timed: timedOf(buffer) }
}

function windowsOf(buffer: EpochBuffer): WindowStore | undefined {
  const { window } = buffer.spec
  return window === undefined ? undefined : new WindowStore(buffer, window)
}

function timedOf<Column extends ValueColumn>(
  buffer: EpochBuffer<Column>,
): TimedStore<Column> | undefined {
  const { times } = buffer.spec
  return times === undefined ? undefined : new TimedStore(buffer, times)
}
