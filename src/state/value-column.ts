import type { StoreSpec } from './spec.ts'
import type { StoreBatch } from './store-batch.ts'
import { readInt64 } from '../model/int64.ts'

/** The live values of an epoch buffer by entry number. */
export interface ValueColumn {
  grow(capacity: number): void
  /** Takes a value from its committed bytes. */
  load(entry: number, bytes: Uint8Array, start: number, end: number): void
  /** Makes the entry absent and lets its value go. */
  clear(entry: number): void
  isAbsent(entry: number): boolean
  /** The live value itself, undefined when absent. */
  read(entry: number): unknown
  /** Adds the value's bytes to the change that the batch began. */
  write(entry: number, time: number, batch: StoreBatch): void
}

/** Values of any type, alive as the objects that user functions made. */
export class ObjectColumn implements ValueColumn {
  readonly #serde: StoreSpec['value']
  #values: unknown[] = []

  constructor(serde: StoreSpec['value']) {
    this.#serde = serde
  }

  grow(capacity: number): void {
    // Filling keeps the array packed: holes would send each read through the prototype chain.
    while (this.#values.length < capacity) this.#values.push(undefined)
  }

  load(entry: number, bytes: Uint8Array, start: number, end: number): void {
    this.#values[entry] = this.#serde.deserialize(bytes.subarray(start, end))
  }

  clear(entry: number): void {
    this.#values[entry] = undefined
  }

  isAbsent(entry: number): boolean {
    return this.#values[entry] === undefined
  }

  read(entry: number): unknown {
    return this.#values[entry]
  }

  /** Null and undefined are a deletion. */
  set(entry: number, value: unknown): void {
    this.#values[entry] = value ?? undefined
  }

  write(entry: number, time: number, batch: StoreBatch): void {
    const bytes = this.#serde.serialize(this.#values[entry])
    batch.addValue(time, bytes, 0, bytes.length)
  }

  /** The live value in bytes, to go back to with `load` or `clear`. */
  snapshot(entry: number): Uint8Array | undefined {
    return this.isAbsent(entry) ? undefined : this.#serde.serialize(this.#values[entry])
  }
}

/**
 * Counts: whole numbers from 0, 8 bytes big-endian in the store as Java's `Long`. Nothing is
 * allocated per value.
 */
export class CounterColumn implements ValueColumn {
  #counts = new Float64Array(0)

  grow(capacity: number): void {
    const larger = new Float64Array(capacity)
    larger.set(this.#counts)
    this.#counts = larger
  }

  load(entry: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 8) throw new RangeError(`a count has 8 bytes, not ${end - start}`)
    this.#counts[entry] = readInt64(bytes, start)
  }

  clear(entry: number): void {
    this.#counts[entry] = -1
  }

  isAbsent(entry: number): boolean {
    return (this.#counts[entry] ?? -1) < 0
  }

  read(entry: number): number | undefined {
    const count = this.#counts[entry] ?? -1
    return count < 0 ? undefined : count
  }

  /** Adds one; an absent count becomes 1. */
  increment(entry: number): number {
    const count = Math.max(this.#counts[entry] ?? 0, 0) + 1
    this.#counts[entry] = count
    return count
  }

  write(entry: number, time: number, batch: StoreBatch): void {
    batch.addInt64(time, this.#counts[entry] ?? 0)
  }
}
