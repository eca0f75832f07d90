import { murmur2 } from '../model/murmur2.ts'
import type { StateBackend } from './backend.ts'
import { compareBytes } from './byte-slabs.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { Isolation } from './spec.ts'

/** What is told of one store of a task. */
export interface StoreStatus {
  readonly name: string
  /** Keys in memory: all of them for a store without files below it. */
  readonly entries: number
  /** Where its changelog goes on after what it has; undefined where it has none. */
  readonly position: number | undefined
}

/** Read access to one store of a task, by typed keys. What it answers is a copy. */
export class StoreView {
  readonly #buffer: EpochBuffer
  readonly #backend: StateBackend | undefined

  constructor(buffer: EpochBuffer, backend: StateBackend | undefined) {
    this.#buffer = buffer
    this.#backend = backend
  }

  /** The value of a key, undefined for none. */
  get(key: unknown, isolation: Isolation = 'latest'): unknown {
    const bytes = this.#buffer.spec.key.serialize(key)
    return this.#valueOf(bytes, isolation)
  }

  /** All keys and values, in the order of the keys' bytes. */
  entries(isolation: Isolation = 'latest'): readonly (readonly [key: unknown, value: unknown])[] {
    const { spec } = this.#buffer
    const found: [unknown, unknown][] = []
    for (const bytes of this.#keys()) {
      const value = this.#valueOf(bytes, isolation)
      if (value !== undefined) found.push([spec.key.deserialize(bytes), value])
    }
    return found
  }

  #valueOf(key: Uint8Array, isolation: Isolation): unknown {
    return this.#buffer.valueOf(key, murmur2(key, 0, key.length), isolation)
  }

  /** Sorted, each once. */
  #keys(): readonly Uint8Array[] {
    const keys = [...this.#buffer.table.keys()]
    for (const [key] of this.#backend?.range(this.#buffer.spec.name, {}) ?? []) {
      keys.push(key.slice())
    }
    keys.sort(compareBytes)
    return keys.filter((key, at) => at === 0 || compareBytes(keys[at - 1] ?? key, key) !== 0)
  }
}
