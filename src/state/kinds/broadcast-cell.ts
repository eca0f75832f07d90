import { murmur2 } from '../../model/murmur2.ts'
import type { MapState } from './handles.ts'
import type { StateEntries } from './state-entries.ts'

/** True while a record of the broadcast is in work. */
export interface BroadcastTurn {
  writing: boolean
}

/** A map of the whole task, which only records of the broadcast change. */
export class BroadcastCell implements MapState<unknown, unknown> {
  readonly #entries: StateEntries
  readonly #turn: BroadcastTurn

  constructor(entries: StateEntries, turn: BroadcastTurn) {
    this.#entries = entries
    this.#turn = turn
  }

  get(key: unknown): unknown {
    const bytes = this.#bytesOf(key)
    const { buffer } = this.#entries
    const entry = buffer.find(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    return entry < 0 ? undefined : this.#entries.read(entry)
  }

  has(key: unknown): boolean {
    return this.get(key) !== undefined
  }

  set(key: unknown, value: unknown): void {
    this.#check()
    const bytes = this.#bytesOf(key)
    const { buffer } = this.#entries
    const entry = buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    this.#entries.write(entry, value)
  }

  delete(key: unknown): void {
    this.#check()
    const bytes = this.#bytesOf(key)
    const { buffer } = this.#entries
    const entry = buffer.find(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    if (entry >= 0) this.#entries.remove(entry)
  }

  entries(): readonly (readonly [key: unknown, value: unknown])[] {
    const { buffer } = this.#entries
    return buffer.scan().map((entry) => {
      const bytes = buffer.keyBytes(entry).subarray(buffer.keyStart(entry), buffer.keyEnd(entry))
      return [buffer.spec.key.deserialize(bytes), this.#entries.read(entry)]
    })
  }

  keys(): readonly unknown[] {
    return this.entries().map(([key]) => key)
  }

  values(): readonly unknown[] {
    return this.entries().map(([, value]) => value)
  }

  isEmpty(): boolean {
    return this.#entries.buffer.scan(undefined, undefined, { limit: 1 }).length === 0
  }

  clear(): void {
    this.#check()
    for (const entry of this.#entries.buffer.scan()) this.#entries.remove(entry)
  }

  #bytesOf(key: unknown): Uint8Array {
    return this.#entries.buffer.spec.key.serialize(key)
  }

  /** Else the copies of the tasks would differ. */
  #check(): void {
    if (this.#turn.writing) return
    throw new Error(
      'broadcast state is changed in onBroadcast only, so that every task has the same',
    )
  }
}
