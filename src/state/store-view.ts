import { murmur2 } from '../model/murmur2.ts'
import type { StateBackend } from './backend.ts'
import { compareBytes } from './byte-slabs.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import { timeBytes } from './store-batch.ts'

/** Which state a query sees: what has committed, or the open epoch too. */
export type Isolation = 'committed' | 'latest'

/** Read access to one store of a task, by typed keys. What it answers is a copy. */
export class StoreView {
  readonly #buffer: EpochBuffer
  readonly #backend: StateBackend

  constructor(buffer: EpochBuffer, backend: StateBackend) {
    this.#buffer = buffer
    this.#backend = backend
  }

  /** The value of a key, undefined for none. */
  get(key: unknown, isolation: Isolation = 'latest'): unknown {
    const { spec, column } = this.#buffer
    const bytes = spec.key.serialize(key)
    const hash = murmur2(bytes, 0, bytes.length)
    const entry = isolation === 'latest' ? this.#buffer.peek(bytes, 0, bytes.length, hash) : -1
    if (entry >= 0) return column.isAbsent(entry) ? undefined : this.#copy(column.read(entry))
    const committed = this.#backend.get(spec.name, bytes, 0, bytes.length, hash)
    return committed === undefined ? undefined : this.#decode(committed)
  }

  /** All keys and values, in the order of the keys' bytes. */
  entries(isolation: Isolation = 'latest'): readonly (readonly [key: unknown, value: unknown])[] {
    const { spec } = this.#buffer
    const keys = [...this.#backend.range(spec.name, {})].map(([key]) => key)
    if (isolation === 'latest') {
      keys.push(...this.#buffer.liveKeys().filter((key) => !this.#holds(key)))
      keys.sort(compareBytes)
    }
    const found: [unknown, unknown][] = []
    for (const bytes of keys) {
      const key = spec.key.deserialize(bytes)
      const value = this.get(key, isolation)
      if (value !== undefined) found.push([key, value])
    }
    return found
  }

  #holds(key: Uint8Array): boolean {
    const hash = murmur2(key, 0, key.length)
    return this.#backend.get(this.#buffer.spec.name, key, 0, key.length, hash) !== undefined
  }

  #decode(bytes: Uint8Array): unknown {
    return this.#buffer.spec.value.deserialize(bytes.subarray(timeBytes))
  }

  #copy(value: unknown): unknown {
    if (typeof value !== 'object') return value
    const { value: serde } = this.#buffer.spec
    return serde.deserialize(serde.serialize(value))
  }
}
