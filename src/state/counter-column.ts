import { assert } from '../model/errors.ts'
import { readInt64, writeInt64 } from '../model/int64.ts'
import { entryDoubles, EntryTable, entryWords, markWord, payloadDouble } from './entry-table.ts'
import type { ValueColumn } from './value-column.ts'

const countBytes = 8

/**
 * Counts: whole numbers from 0, 8 bytes big-endian in the store as Java's `Long`. The payload is
 * the live count: nothing is allocated or copied per value. −1 is no count.
 */
export class CounterColumn implements ValueColumn {
  readonly bytes = new Uint8Array(countBytes)
  readonly end = countBytes
  readonly sleeps = false
  readonly usedBytes = 0
  start = -1
  #table = new EntryTable()
  /** For reading a double out of two words of a log. */
  readonly #double = new Float64Array(1)
  readonly #words = new Int32Array(this.#double.buffer)

  attach(table: EntryTable): void {
    this.#table = table
  }

  grow(): void {
    // The table's memory is the column's.
  }

  begin(entry: number): void {
    this.#set(entry, -1)
  }

  load(entry: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== countBytes) throw new RangeError(`a count has 8 bytes, not ${end - start}`)
    this.#set(entry, readInt64(bytes, start))
  }

  read(entry: number): number | undefined {
    const count = this.#get(entry)
    return count < 0 ? undefined : count
  }

  copy(entry: number): number | undefined {
    return this.read(entry)
  }

  /** Adds one, to an entry that was touched; an absent count becomes 1. */
  increment(entry: number): number {
    const { doubles, words } = this.#table
    const touched = (words[entry * entryWords + markWord] ?? 0) > 0
    assert(touched, 'a count is touched before it changes: nothing else keeps what it was')
    const at = entry * entryDoubles + payloadDouble
    const before = doubles[at] ?? 0
    const count = before < 0 ? 1 : before + 1
    doubles[at] = count
    return count
  }

  stage(entry: number): void {
    this.#encode(this.#get(entry))
  }

  stagedIs(words: Int32Array, at: number): boolean {
    return this.#payload(words, at) === (this.start < 0 ? -1 : readInt64(this.bytes, 0))
  }

  encode(entry: number): void {
    this.#encode(this.#get(entry))
  }

  encodePayload(words: Int32Array, at: number): void {
    this.#encode(this.#payload(words, at))
  }

  decodePayload(words: Int32Array, at: number): number | undefined {
    const count = this.#payload(words, at)
    return count < 0 ? undefined : count
  }

  settle(): void {
    // Nothing is kept for a payload.
  }

  undo(): void {
    // The payload is the value.
  }

  doze(): void {
    // As above.
  }

  drop(): void {
    // As above.
  }

  tidy(): void {
    // As above.
  }

  #get(entry: number): number {
    return this.#table.doubles[entry * entryDoubles + payloadDouble] ?? -1
  }

  #set(entry: number, count: number): void {
    this.#table.doubles[entry * entryDoubles + payloadDouble] = count
  }

  #encode(count: number): void {
    this.start = count < 0 ? -1 : 0
    if (count >= 0) writeInt64(this.bytes, 0, count)
  }

  #payload(words: Int32Array, at: number): number {
    this.#words[0] = words[at] ?? 0
    this.#words[1] = words[at + 1] ?? 0
    return this.#double[0] ?? -1
  }
}
