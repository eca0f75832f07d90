import { restoreTo } from '../changelog/restore.ts'
import { assert } from '../model/errors.ts'
import type { RecordBatch } from '../model/record.ts'
import type { Plan } from '../plan/plan.ts'
import { EpochBuffer } from '../state/epoch-buffer.ts'
import { ObjectColumn } from '../state/object-column.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import { StoreView } from '../state/store-view.ts'
import type { KeptStores } from './kept-stores.ts'

/**
 * The global tables of a worker: its tasks look them up, and only who reads their topics changes
 * them. No epoch has part in them: what is taken is committed where it comes from.
 */
export class GlobalStores {
  readonly #stores: ReadonlyMap<string, EpochBuffer>

  constructor({ globalTables }: Plan, kept?: KeptStores) {
    this.#stores = new Map(
      globalTables.map((spec) => {
        const column = new ObjectColumn(spec.value)
        return [spec.name, new EpochBuffer(spec, column, kept?.below(spec))]
      }),
    )
  }

  get all(): readonly EpochBuffer[] {
    return [...this.#stores.values()]
  }

  of(name: string): EpochBuffer {
    const store = this.#stores.get(name)
    assert(store !== undefined, `the plan has a global table ${name}`)
    return store
  }

  /**
   * Takes records of the table's topic; what has no key is left out, null deletes.
   * @param position Rises with all that is taken: the sum of the positions of the partitions.
   */
  take(name: string, batches: readonly RecordBatch[], position: number): void {
    restoreTo(this.of(name), batches, position)
  }

  /** All of a table is here, as one part; undefined where there is no such table. */
  ask({ store, read, isolation }: StoreQuestion): StoreAnswer | undefined {
    const rows = this.view(store)?.read(read, isolation)
    return rows && { parts: [{ partition: 0, role: 'active', rows }], silent: [] }
  }

  /** Undefined where there is no such table. */
  view(name: string): StoreView | undefined {
    const store = this.#stores.get(name)
    return store && new StoreView(store)
  }
}
