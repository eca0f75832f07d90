import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { Origin } from './origin.ts'
import { Slot } from './slot.ts'
import type { Step } from './step.ts'

/**
 * `emit: 'commit'`: at the end of an epoch, the last value of each key that the epoch changed, in
 * the order of the keys' first change, null for a deletion. These records come from no offset:
 * theirs is −1, their topic the store.
 */
export class EmitAtCut {
  readonly #store: EpochBuffer
  readonly #next: Step
  readonly #out = new Slot()

  constructor(store: EpochBuffer, partition: number, next: Step) {
    this.#store = store
    this.#next = next
    this.#out.origin = new Origin(store.spec.name, partition)
  }

  cut(): void {
    const store = this.#store
    for (let index = 0; index < store.changedCount; index += 1) {
      const entry = store.changedEntry(index)
      this.#out.timestamp = store.timeOf(entry)
      this.#out.setRawKey(
        store.spec.key,
        store.keyBytes(entry),
        store.keyStart(entry),
        store.keyEnd(entry),
      )
      this.#out.setValue(store.column.read(entry))
      this.#next.process(this.#out)
    }
  }
}
