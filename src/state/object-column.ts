import { ByteSlabs, compareBytes, noBytes } from './byte-slabs.ts'
import { EntryTable, entryWords, payloadWord } from './entry-table.ts'
import type { StoreSpec } from './spec.ts'
import type { UndoLog } from './undo-log.ts'
import type { ValueColumn } from './value-column.ts'

/** In place of a live value that is not made from its bytes yet. */
const asleep = Symbol('asleep')

/**
 * Values of any type, alive as the objects that user functions made. The payload is where the bytes
 * of the last cut are: place and length, −1 for an absent value. Objects and bytes never share
 * memory, so a value may be changed in place.
 */
export class ObjectColumn implements ValueColumn {
  bytes: Uint8Array = noBytes
  start = -1
  end = -1
  readonly sleeps = true
  readonly #serde: StoreSpec['value']
  #table = new EntryTable()
  #slabs = new ByteSlabs()
  #values: unknown[] = []
  /** Where `warm` puts what it reads, so that the reads are not left out. */
  readonly #warm = new Int32Array(1)

  constructor(serde: StoreSpec['value']) {
    this.#serde = serde
  }

  /** Memory of the values' bytes, wasted or not. */
  get slabBytes(): number {
    return this.#slabs.heldBytes
  }

  get usedBytes(): number {
    return this.#slabs.usedBytes
  }

  attach(table: EntryTable): void {
    this.#table = table
  }

  grow(capacity: number): void {
    // Filling keeps the array packed: holes would send each read through the prototype chain.
    while (this.#values.length < capacity) this.#values.push(undefined)
  }

  begin(entry: number): void {
    this.#values[entry] = undefined
    this.#setPayload(entry, 0, -1)
  }

  load(entry: number, bytes: Uint8Array, start: number, end: number): void {
    this.#free(this.#table.words, this.#payloadAt(entry))
    this.#setPayload(entry, this.#slabs.add(bytes, start, end), end - start)
    this.#values[entry] = asleep
  }

  read(entry: number): unknown {
    const value = this.#values[entry]
    if (value !== asleep) return value
    const woken = this.decodePayload(this.#table.words, this.#payloadAt(entry)) ?? undefined
    this.#values[entry] = woken
    return woken
  }

  /** Whether a value is a list is written where the object begins. */
  warm(entries: Int32Array, count: number): void {
    const values = this.#values
    let lists = 0
    for (let at = 0; at < count; at += 1) {
      const entry = entries[at] ?? -1
      if (entry >= 0 && Array.isArray(values[entry])) lists += 1
    }
    this.#warm[0] = lists
  }

  /** Null and undefined are a deletion. */
  set(entry: number, value: unknown): void {
    this.#values[entry] = value ?? undefined
  }

  /** As `set`, of an object that others may change in place. @throws what the serde throws. */
  setCopy(entry: number, value: unknown): void {
    this.#values[entry] = this.#serde.deserialize(this.#serde.serialize(value)) ?? undefined
  }

  stage(entry: number): void {
    // A value that is not awake has not changed, but its entry may have been touched.
    const value = this.read(entry)
    if (value === undefined) {
      this.#setPayload(entry, 0, -1)
      this.start = -1
      return
    }
    const bytes = this.#serde.serialize(value)
    this.#setPayload(entry, this.#slabs.add(bytes, 0, bytes.length), bytes.length)
    this.bytes = bytes
    this.start = 0
    this.end = bytes.length
  }

  stagedIs(words: Int32Array, at: number): boolean {
    const length = words[at + 1] ?? -1
    if (length < 0 || this.start < 0) return length < 0 && this.start < 0
    const place = words[at] ?? 0
    const start = this.#slabs.start(place)
    const before = this.#slabs.slab(place).subarray(start, start + length)
    return compareBytes(before, this.bytes.subarray(this.start, this.end)) === 0
  }

  encode(entry: number): void {
    this.encodePayload(this.#table.words, this.#payloadAt(entry))
  }

  encodePayload(words: Int32Array, at: number): void {
    const place = words[at] ?? 0
    const length = words[at + 1] ?? -1
    this.bytes = this.#slabs.slab(place)
    this.start = length < 0 ? -1 : this.#slabs.start(place)
    this.end = this.start + length
  }

  decodePayload(words: Int32Array, at: number): unknown {
    const length = words[at + 1] ?? -1
    if (length < 0) return undefined
    const place = words[at] ?? 0
    const start = this.#slabs.start(place)
    return this.#serde.deserialize(this.#slabs.slab(place).subarray(start, start + length))
  }

  /** The live value in bytes, to go back to with `resume`. */
  snapshot(entry: number): Uint8Array | undefined {
    const value = this.read(entry)
    return value === undefined ? undefined : this.#serde.serialize(value)
  }

  /** The live value becomes what `snapshot` took. */
  resume(entry: number, snapshot: Uint8Array | undefined): void {
    this.#values[entry] =
      snapshot === undefined ? undefined : (this.#serde.deserialize(snapshot) ?? undefined)
  }

  /** A copy of the live value. */
  copy(entry: number): unknown {
    const value = this.read(entry)
    if (typeof value !== 'object' || value === null) return value
    return this.#serde.deserialize(this.#serde.serialize(value))
  }

  settle(log: UndoLog): void {
    for (let item = 0; item < log.count; item += 1) this.#free(log.words, log.payloadAt(item))
  }

  undo(log: UndoLog, item: number, staged: boolean): void {
    const entry = log.entry(item)
    if (staged) this.#free(this.#table.words, this.#payloadAt(entry))
    const length = log.words[log.payloadAt(item) + 1] ?? -1
    this.#values[entry] = length < 0 ? undefined : asleep
  }

  doze(entry: number): void {
    if (this.#values[entry] !== undefined) this.#values[entry] = asleep
  }

  drop(entry: number): void {
    this.#free(this.#table.words, this.#payloadAt(entry))
    this.#values[entry] = undefined
  }

  tidy(open: UndoLog): void {
    if (!this.#slabs.wasteful) return
    const old = this.#slabs
    this.#slabs = new ByteSlabs()
    for (let entry = 0; entry < this.#table.entriesEnd; entry += 1) {
      if (this.#table.keyLength(entry) >= 0) this.#move(old, this.#table.words, entry)
    }
    for (let item = 0; item < open.count; item += 1) {
      // Until the open epoch is cut, its entries have the payloads that the log has of them.
      const from = this.#payloadAt(open.entry(item))
      open.words[open.payloadAt(item)] = this.#table.words[from] ?? 0
    }
  }

  #move(old: ByteSlabs, words: Int32Array, entry: number): void {
    const at = this.#payloadAt(entry)
    const length = words[at + 1] ?? -1
    if (length < 0) return
    const place = words[at] ?? 0
    const start = old.start(place)
    words[at] = this.#slabs.add(old.slab(place), start, start + length)
  }

  #payloadAt(entry: number): number {
    return entry * entryWords + payloadWord
  }

  #setPayload(entry: number, place: number, length: number): void {
    const at = this.#payloadAt(entry)
    this.#table.words[at] = place
    this.#table.words[at + 1] = length
  }

  #free(words: Int32Array, at: number): void {
    const length = words[at + 1] ?? -1
    if (length >= 0) this.#slabs.free(words[at] ?? 0, length)
  }
}
