import type { ValueState } from './handles.ts'
import type { KeyedEntry } from './keyed-entry.ts'

export class ValueCell implements ValueState<unknown> {
  readonly #entry: KeyedEntry

  constructor(entry: KeyedEntry) {
    this.#entry = entry
  }

  get(): unknown {
    return this.#entry.read()
  }

  set(value: unknown): void {
    this.#entry.write(value)
  }

  clear(): void {
    this.#entry.clear()
  }
}
