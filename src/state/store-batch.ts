import { writeInt64 } from '../model/int64.ts'
import { nearlySorted } from './byte-order.ts'
import { copyBytes } from './byte-slabs.ts'

/**
 * Bytes before a value in a backend: the time of its last change, as Kafka Streams' timestamped
 * stores have it.
 */
export const timeBytes = 8

/**
 * Changes of one store for its backend: columns of positions into one growing buffer. A change
 * holds a key and either its value, with the time before it, or a deletion (value start −1). A
 * later change of a key follows an earlier one.
 */
export class StoreBatch {
  readonly store: string
  bytes = new Uint8Array(1024)
  count = 0
  keyStarts = new Int32Array(16)
  keyEnds = new Int32Array(16)
  valueStarts = new Int32Array(16)
  valueEnds = new Int32Array(16)
  /** Where the changelog goes on after these changes; undefined where nothing is known about it. */
  nextOffset: number | undefined = undefined
  /** Before these changes, all keys below this one go; undefined: none do. */
  dropBefore: Uint8Array | undefined = undefined
  #end = 0

  constructor(store: string) {
    this.store = store
  }

  /** Begins a change; a value may follow, else it is a deletion. */
  addKey(bytes: Uint8Array, start: number, end: number): void {
    if (this.count === this.keyStarts.length) this.#growColumns()
    const at = this.count
    this.count += 1
    this.keyStarts[at] = this.#append(bytes, start, end)
    this.keyEnds[at] = this.#end
    this.valueStarts[at] = -1
    this.valueEnds[at] = -1
  }

  /** Gives the value of the change that was begun last. */
  addValue(time: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.count - 1
    this.#reserve(timeBytes)
    writeInt64(this.bytes, this.#end, time)
    this.valueStarts[at] = this.#end
    this.#end += timeBytes
    this.#append(bytes, start, end)
    this.valueEnds[at] = this.#end
  }

  /** Puts the changes into the order of their keys, nearly; those of one key stay as they came. */
  sort(): void {
    const order = nearlySorted(this.bytes, this.keyStarts, this.keyEnds, this.count)
    this.keyStarts = picked(this.keyStarts, order)
    this.keyEnds = picked(this.keyEnds, order)
    this.valueStarts = picked(this.valueStarts, order)
    this.valueEnds = picked(this.valueEnds, order)
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
  }
}

function doubled(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * column.length)
  larger.set(column)
  return larger
}

/** As long as before: what is behind the changes that there are has no meaning. */
function picked(column: Int32Array<ArrayBuffer>, order: Int32Array): Int32Array<ArrayBuffer> {
  const sorted = new Int32Array(column.length)
  for (let at = 0; at < order.length; at += 1) sorted[at] = column[order[at] ?? 0] ?? 0
  return sorted
}
