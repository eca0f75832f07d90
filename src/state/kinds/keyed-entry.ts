import type { KeyCursor } from './key-cursor.ts'
import type { StateEntries } from './state-entries.ts'

/** The one entry that a state has for the key in work; looked up once for each record or timer. */
export class KeyedEntry {
  readonly #entries: StateEntries
  readonly #cursor: KeyCursor
  #turn = -1
  /** −1: the key has no value. */
  #entry = -1

  constructor(entries: StateEntries, cursor: KeyCursor) {
    this.#entries = entries
    this.#cursor = cursor
  }

  read(): unknown {
    if (this.#turn !== this.#cursor.turn) this.#find()
    return this.#entry < 0 ? undefined : this.#entries.read(this.#entry)
  }

  write(value: unknown): void {
    const cursor = this.#cursor
    if (this.#turn !== cursor.turn || this.#entry < 0) {
      const { bytes, start, end, hash } = cursor.checked()
      this.#entry = this.#entries.buffer.entryOf(bytes, start, end, hash)
      this.#turn = cursor.turn
    }
    this.#entries.write(this.#entry, value)
  }

  clear(): void {
    if (this.#turn !== this.#cursor.turn) this.#find()
    if (this.#entry >= 0) this.#entries.remove(this.#entry)
  }

  #find(): void {
    const { bytes, start, end, hash, turn } = this.#cursor.checked()
    this.#entry = this.#entries.buffer.find(bytes, start, end, hash)
    this.#turn = turn
  }
}
