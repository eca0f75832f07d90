import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import { unwritable } from '../../state/failures.ts'
import type { ObjectColumn } from '../../state/object-column.ts'

/**
 * Gives an entry a value that somebody else may change in place: a copy, where it is an object.
 * @throws StreamError `STATE_UNWRITABLE` when the store's serde refuses the value.
 */
export function keepCopy(store: EpochBuffer<ObjectColumn>, entry: number, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    store.column.set(entry, value)
    return
  }
  try {
    store.column.setCopy(entry, value)
  } catch (cause) {
    throw unwritable(store.spec.name, cause)
  }
}
