import { timeBytes } from '../../serde/timed.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { TimedStore } from '../../state/timed-store.ts'
import type { SuppressSpec } from '../spec.ts'

/** How much of what may be kept back is: keys, and bytes where those are bounded. */
export class Room {
  readonly #spec: SuppressSpec
  readonly #kept: TimedStore<ObjectColumn>
  #keys = 0
  #bytes = 0
  /** Of each entry, where bytes are bounded: values are written for that alone. */
  readonly #sizes = new Map<number, number>()

  constructor(spec: SuppressSpec, kept: TimedStore<ObjectColumn>) {
    this.#spec = spec
    this.#kept = kept
  }

  get isExceeded(): boolean {
    const { recordsMax, bytesMax } = this.#spec
    return this.#keys > recordsMax || this.#bytes > bytesMax
  }

  /** An entry has a change. @param isNew It had none before. */
  take(entry: number, isNew: boolean): void {
    if (isNew) this.#keys += 1
    if (!this.#boundsBytes) return
    const size = this.#sizeOf(entry)
    this.#bytes += size - (this.#sizes.get(entry) ?? 0)
    this.#sizes.set(entry, size)
  }

  /** The change of an entry goes. */
  give(entry: number): void {
    this.#keys -= 1
    this.#bytes -= this.#sizes.get(entry) ?? 0
    this.#sizes.delete(entry)
  }

  /** After a start: what is kept is read for its size alone. */
  recount(): void {
    this.#keys = 0
    this.#bytes = 0
    this.#sizes.clear()
    const { recordsMax } = this.#spec
    if (!this.#boundsBytes) {
      if (Number.isFinite(recordsMax)) this.#keys = this.#kept.countOpen()
      return
    }
    for (const entry of this.#kept.buffer.scan()) {
      if (!this.#kept.isClosed(this.#kept.timeOf(entry))) this.take(entry, true)
    }
  }

  get #boundsBytes(): boolean {
    return Number.isFinite(this.#spec.bytesMax)
  }

  /** Of key and value as the changelog has them, without the time. */
  #sizeOf(entry: number): number {
    const { buffer } = this.#kept
    const value = buffer.spec.value.serialize(buffer.column.read(entry))
    return buffer.keyEnd(entry) - buffer.keyStart(entry) - timeBytes + value.length
  }
}
