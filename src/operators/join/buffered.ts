import { assert } from '../../model/errors.ts'
import { Joinable } from '../../serde/joinable.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { SequencedStore } from '../../state/sequenced-store.ts'

/** The records of one side that may still find partners. */
export class Buffered {
  readonly store: SequencedStore<ObjectColumn>
  /** True: each record is kept with a note of whether it was joined. */
  readonly #noted: boolean

  constructor(store: SequencedStore<ObjectColumn>, noted: boolean) {
    this.store = store
    this.#noted = noted
  }

  /** Keeps a record of the key that was taken. */
  add(time: number, value: unknown, joined: boolean): void {
    const entry = this.store.add(time)
    const { buffer } = this.store.timed
    buffer.touch(entry, time)
    buffer.column.set(entry, this.#noted ? new Joinable(value, joined) : value)
  }

  value(entry: number): unknown {
    const { column } = this.store.timed.buffer
    return this.#noted ? joinable(column.read(entry)).value : column.read(entry)
  }

  /** Notes that the record has found a partner. */
  join(entry: number): void {
    if (!this.#noted) return
    const { buffer } = this.store.timed
    const kept = joinable(buffer.column.read(entry))
    if (kept.joined) return
    buffer.touch(entry, buffer.timeOf(entry))
    kept.joined = true
  }

  /** The next record that has closed without a partner, −1 for none. */
  nextAlone(): number {
    const { timed } = this.store
    const { column } = timed.buffer
    for (let entry = timed.next(); entry >= 0; entry = timed.next()) {
      if (!joinable(column.read(entry)).joined) return entry
    }
    return -1
  }
}

/** What `add` made, or the serde of noted records. */
function joinable(value: unknown): Joinable<unknown> {
  assert(value instanceof Joinable, 'a record that waits for a partner is kept with a note of it')
  return value
}
