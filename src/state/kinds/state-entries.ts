import type { EpochBuffer } from '../epoch-buffer.ts'
import type { ObjectColumn } from '../object-column.ts'
import type { CallJournal } from './call-journal.ts'
import type { Lifetime } from './ttl.ts'

/**
 * The entries of one state under its time to live. An object that is handed out counts as changed
 * from then on, so that it may be changed in place: at the cut its bytes say whether it was
 * (`StoreSpec.lends`).
 */
export class StateEntries {
  readonly buffer: EpochBuffer<ObjectColumn>
  readonly lifetime: Lifetime
  readonly #journal: CallJournal | undefined
  readonly #refreshes: boolean
  readonly #showsExpired: boolean

  constructor(
    buffer: EpochBuffer<ObjectColumn>,
    lifetime: Lifetime,
    journal: CallJournal | undefined,
  ) {
    this.buffer = buffer
    this.lifetime = lifetime
    this.#journal = journal
    this.#refreshes = lifetime.spec?.refresh === 'read'
    this.#showsExpired = lifetime.spec?.show === 'until-cleaned'
  }

  /** The value of an entry, undefined for none. What has expired is removed. */
  read(entry: number): unknown {
    const { buffer } = this
    const value = buffer.column.read(entry)
    if (value === undefined) return undefined
    if (this.lifetime.spec !== undefined) {
      if (this.lifetime.isOver(buffer.timeOf(entry))) {
        this.remove(entry)
        return this.#showsExpired ? value : undefined
      }
      if (this.#refreshes) {
        this.#journal?.note(buffer, entry)
        buffer.touch(entry, this.lifetime.stamp(buffer, entry))
        return value
      }
    }
    if (typeof value === 'object') {
      this.#journal?.note(buffer, entry)
      buffer.touch(entry, buffer.timeOf(entry))
    }
    return value
  }

  /** Null and undefined remove. */
  write(entry: number, value: unknown): void {
    this.writeAt(entry, value, this.lifetime.stamp(this.buffer, entry))
  }

  /** As `write`, at a time of its own. */
  writeAt(entry: number, value: unknown, time: number): void {
    const { buffer } = this
    this.#journal?.note(buffer, entry)
    buffer.touch(entry, Math.max(0, time))
    buffer.column.set(entry, value)
  }

  remove(entry: number): void {
    const { buffer } = this
    if (buffer.column.read(entry) === undefined) return
    this.#journal?.note(buffer, entry)
    buffer.touch(entry, Math.max(0, buffer.timeOf(entry)))
    buffer.column.set(entry, undefined)
  }
}
