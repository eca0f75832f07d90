import { copyBytes } from './byte-slabs.ts'
import { writeInt64 } from '../model/int64.ts'

/**
 * Bytes before a value in a backend: the time of its last change, as Kafka Streams' timestamped
 * stores have it.
 */
export const timeBytes = 8

/**
 * Changes of one store in the order in which they were made: columns of positions into one growing
 * buffer. A change holds a key and either its value, with the time before it, or a deletion (value
 * start −1).
 */
export class StoreBatch {
  readonly store: string
  bytes = new Uint8Array(1024)
  count = 0
  keyStarts = new Int32Array(16)
  keyEnds = new Int32Array(16)
  valueStarts = new Int32Array(16)
  valueEnds = new Int32Array(16)
  hashes = new Int32Array(16)
  /** Entries of the epoch buffer that the changes belong to; unused in a restore. */
  entries = new Int32Array(16)
  /**
   * Where the backend keeps the key, which spares it looking: what it wrote here when it applied
   * the key's last change, −1 where nothing is known. Others than its writer do not read it.
   */
  hints = new Int32Array(16)
  /** Where the changelog goes on after these changes; undefined where nothing is known about it. */
  nextOffset: number | undefined = undefined
  #end = 0

  constructor(store: string) {
    this.store = store
  }

  /** Begins a change; a value may follow, else it is a deletion. */
  addKey(bytes: Uint8Array, start: number, end: number, hash: number, entry: number): void {
    if (this.count === this.keyStarts.length) this.#growColumns()
    const at = this.count
    this.count += 1
    this.keyStarts[at] = this.#append(bytes, start, end)
    this.keyEnds[at] = this.#end
    this.valueStarts[at] = -1
    this.valueEnds[at] = -1
    this.hashes[at] = hash
    this.entries[at] = entry
    this.hints[at] = -1
  }

  /** Gives the value of the change that was begun last. */
  addValue(time: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.#beginValue(time)
    this.#append(bytes, start, end)
    this.valueEnds[at] = this.#end
  }

  /** As `addValue`, of a number as 8 bytes, big-endian. */
  addInt64(time: number, value: number): void {
    const at = this.#beginValue(time)
    this.#reserve(8)
    writeInt64(this.bytes, this.#end, value)
    this.#end += 8
    this.valueEnds[at] = this.#end
  }

  /** Empties the batch; its memory is kept. */
  clear(): void {
    this.count = 0
    this.#end = 0
    this.nextOffset = undefined
  }

  #beginValue(time: number): number {
    const at = this.count - 1
    this.#reserve(timeBytes)
    writeInt64(this.bytes, this.#end, time)
    this.valueStarts[at] = this.#end
    this.#end += timeBytes
    return at
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    this.#reserve(end - start)
    const at = this.#end
    copyBytes(bytes, start, end, this.bytes, at)
    this.#end = at + end - start
    return at
  }

  #reserve(room: number): void {
    if (this.#end + room <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.#end + room))
    larger.set(this.bytes)
    this.bytes = larger
  }

  #growColumns(): void {
    this.keyStarts = doubled(this.keyStarts)
    this.keyEnds = doubled(this.keyEnds)
    this.valueStarts = doubled(this.valueStarts)
    this.valueEnds = doubled(this.valueEnds)
    this.hashes = doubled(this.hashes)
    this.entries = doubled(this.entries)
    this.hints = doubled(this.hints)
  }
}

export function doubled(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * column.length)
  larger.set(column)
  return larger
}
