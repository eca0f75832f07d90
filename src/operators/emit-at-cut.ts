import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { type StoreBatch, timeBytes } from '../state/store-batch.ts'
import { Origin } from './origin.ts'
import { Slot } from './slot.ts'
import type { Step } from './step.ts'

/**
 * `emit: 'commit'`: at the end of an epoch, the last value of each key that the epoch changed, null
 * for a deletion. These records come from no offset: theirs is −1, their topic the store. Their
 * bytes are those that go to the changelog: a sink with the store's serdes writes them again as
 * they are.
 */
export class EmitAtCut {
  readonly store: EpochBuffer
  readonly #next: Step
  readonly #out = new Slot()

  constructor(store: EpochBuffer, partition: number, next: Step) {
    this.store = store
    this.#next = next
    this.#out.origin = new Origin(store.spec.name, partition)
  }

  emit(changes: StoreBatch): void {
    const { bytes } = changes
    const { spec, column } = this.store
    const out = this.#out
    for (let at = 0; at < changes.count; at += 1) {
      const entry = changes.entries[at] ?? 0
      const valueStart = changes.valueStarts[at] ?? -1
      out.timestamp = this.store.timeOf(entry)
      out.setRawKey(spec.key, bytes, changes.keyStarts[at] ?? 0, changes.keyEnds[at] ?? 0)
      if (valueStart < 0) out.setValue(null)
      else {
        const valueEnd = changes.valueEnds[at] ?? -1
        const value = column.read(entry)
        out.setValueWithBytes(value, spec.value, bytes, valueStart + timeBytes, valueEnd)
      }
      this.#next.process(out)
    }
  }
}
