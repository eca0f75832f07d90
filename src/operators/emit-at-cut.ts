import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { Changes } from '../state/undo-log.ts'
import { Origin } from './origin.ts'
import { Slot } from './slot.ts'
import type { Step } from './step.ts'

/**
 * `emit: 'commit'`: at the end of an epoch, the last value of each key that the epoch changed, in
 * the order of their first change, null for a deletion. These records come from no offset: theirs
 * is −1, their topic the store. Their bytes are those that go to the changelog: a sink with the
 * store's serdes writes them again as they are.
 */
export class EmitAtCut {
  readonly store: EpochBuffer
  readonly #next: Step
  readonly #sendsOld: boolean
  readonly #hides: ((entry: number) => boolean) | undefined
  readonly #out = new Slot()

  /** @param hides True for entries of which nothing is told. */
  constructor(
    store: EpochBuffer,
    partition: number,
    next: Step,
    sendsOld = false,
    hides?: (entry: number) => boolean,
  ) {
    this.#hides = hides
    this.store = store
    this.#next = next
    this.#sendsOld = sendsOld
    this.#out.origin = new Origin(store.spec.name, partition)
  }

  emit(changes: Changes): void {
    const { spec, column } = this.store
    const { store } = this
    const out = this.#out
    for (let item = 0; item < changes.count; item += 1) {
      const entry = changes.entry(item)
      if (this.#hides?.(entry) === true) continue
      column.encode(entry)
      const { bytes, start, end } = column
      // What the log keeps for going back is what this store told last.
      const asked = this.#sendsOld || start < 0
      const old = asked ? changes.valueBefore(item, column) : undefined
      // What came and went in one epoch was never told.
      if (start < 0 && old === undefined) continue
      out.old = old ?? null
      out.timestamp = store.timeOf(entry)
      out.setRawKey(spec.key, store.keyBytes(entry), store.keyStart(entry), store.keyEnd(entry))
      if (start < 0) out.setValue(null)
      else out.setValueWithBytes(column.read(entry), spec.value, bytes, start, end)
      this.#next.process(out)
    }
  }
}
