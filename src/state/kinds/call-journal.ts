import type { EpochBuffer } from '../epoch-buffer.ts'
import type { ObjectColumn } from '../object-column.ts'

interface Note {
  readonly buffer: EpochBuffer<ObjectColumn>
  readonly entry: number
  readonly time: number
  readonly snapshot: Uint8Array | undefined
}

/**
 * The way back from one call of a user function that may end in an error which its epoch survives:
 * what each entry was before the call first had it in its hands. For error policies other than
 * `fail`; it costs a serialisation for each entry and call.
 */
export class CallJournal {
  #notes: Note[] = []

  note(buffer: EpochBuffer<ObjectColumn>, entry: number): void {
    if (this.#notes.some((note) => note.buffer === buffer && note.entry === entry)) return
    const snapshot = buffer.column.snapshot(entry)
    this.#notes.push({ buffer, entry, time: buffer.timeOf(entry), snapshot })
  }

  /** The call ended well. */
  forget(): void {
    if (this.#notes.length > 0) this.#notes = []
  }

  undo(): void {
    for (const { buffer, entry, time, snapshot } of this.#notes) {
      buffer.touch(entry, time)
      buffer.column.resume(entry, snapshot)
    }
    this.forget()
  }
}
