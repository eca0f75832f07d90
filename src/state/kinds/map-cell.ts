import { writeInt32 } from '../../model/int64.ts'
import { murmur2 } from '../../model/murmur2.ts'
import { pairLengthBytes } from '../../serde/pair.ts'
import { copyBytes } from '../byte-slabs.ts'
import type { MapState } from './handles.ts'
import type { KeyCursor } from './key-cursor.ts'
import { behindPrefix } from '../key-bounds.ts'
import type { MapSpec } from './spec.ts'
import type { StateEntries } from './state-entries.ts'

/** Each entry of a map is an entry of the store, behind the key in work (`pairKeys`). */
export class MapCell implements MapState<unknown, unknown> {
  readonly #entries: StateEntries
  readonly #cursor: KeyCursor
  readonly #spec: MapSpec
  #bytes = new Uint8Array(64)
  #prefixEnd = 0
  #turn = -1

  constructor(entries: StateEntries, cursor: KeyCursor, spec: MapSpec) {
    this.#entries = entries
    this.#cursor = cursor
    this.#spec = spec
  }

  get(key: unknown): unknown {
    const entry = this.#find(key)
    return entry < 0 ? undefined : this.#entries.read(entry)
  }

  set(key: unknown, value: unknown): void {
    const end = this.#put(key)
    const bytes = this.#bytes
    const entry = this.#entries.buffer.entryOf(bytes, 0, end, murmur2(bytes, 0, end))
    this.#entries.write(entry, value)
  }

  has(key: unknown): boolean {
    return this.get(key) !== undefined
  }

  delete(key: unknown): void {
    const entry = this.#find(key)
    if (entry >= 0) this.#entries.remove(entry)
  }

  entries(): readonly (readonly [key: unknown, value: unknown])[] {
    const found: [unknown, unknown][] = []
    for (const entry of this.#scan()) {
      const value = this.#entries.read(entry)
      if (value !== undefined) found.push([this.#keyOf(entry), value])
    }
    return found
  }

  keys(): readonly unknown[] {
    return this.entries().map(([key]) => key)
  }

  values(): readonly unknown[] {
    return this.entries().map(([, value]) => value)
  }

  isEmpty(): boolean {
    for (const entry of this.#scan()) {
      if (this.#entries.read(entry) !== undefined) return false
    }
    return true
  }

  clear(): void {
    for (const entry of this.#scan()) this.#entries.remove(entry)
  }

  #find(key: unknown): number {
    const end = this.#put(key)
    const bytes = this.#bytes
    return this.#entries.buffer.find(bytes, 0, end, murmur2(bytes, 0, end))
  }

  /** Writes the key of an entry into `#bytes`; answers its end. */
  #put(key: unknown): number {
    this.#prefix()
    const own = this.#spec.key.serialize(key)
    const end = this.#prefixEnd + own.length
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(2 * end)
      larger.set(this.#bytes.subarray(0, this.#prefixEnd))
      this.#bytes = larger
    }
    copyBytes(own, 0, own.length, this.#bytes, this.#prefixEnd)
    return end
  }

  #prefix(): void {
    if (this.#turn === this.#cursor.turn) return
    const { bytes, start, end, turn } = this.#cursor.checked()
    const length = end - start
    this.#prefixEnd = pairLengthBytes + length
    if (this.#prefixEnd > this.#bytes.length) this.#bytes = new Uint8Array(2 * this.#prefixEnd)
    writeInt32(this.#bytes, 0, length)
    copyBytes(bytes, start, end, this.#bytes, pairLengthBytes)
    this.#turn = turn
  }

  #scan(): readonly number[] {
    this.#prefix()
    const from = this.#bytes.slice(0, this.#prefixEnd)
    return this.#entries.buffer.scan(from, behindPrefix(from))
  }

  #keyOf(entry: number): unknown {
    const { buffer } = this.#entries
    const start = buffer.keyStart(entry) + this.#prefixEnd
    return this.#spec.key.deserialize(buffer.keyBytes(entry).subarray(start, buffer.keyEnd(entry)))
  }
}
