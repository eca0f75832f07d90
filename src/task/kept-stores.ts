import type { PersistentBackend, StateBackend } from '../state/backend.ts'
import { isKept, type StoreBackend, type StoreSpec } from '../state/spec.ts'

/** The stores of a task that a backend keeps, and the backend. */
export class KeptStores {
  readonly backend: PersistentBackend
  readonly #otherwise: StoreBackend

  /** @param otherwise Of stores that do not say where they are kept. */
  constructor(backend: PersistentBackend, otherwise: StoreBackend) {
    this.backend = backend
    this.#otherwise = otherwise
  }

  has(spec: StoreSpec): boolean {
    return isKept(spec, this.#otherwise)
  }

  /** What is below a store; undefined: what it holds in memory is all. */
  below(spec: StoreSpec): StateBackend | undefined {
    return this.has(spec) ? this.backend : undefined
  }
}
