import { murmur2 } from '../model/murmur2.ts'
import type { Header } from '../model/record.ts'
import type { Serde } from '../serde/serde.ts'
import { Origin } from './origin.ts'
import type { RecordContext } from './record.ts'

/** Only the bytes are there; the object is made when asked for. */
const raw = 0
/** Bytes and object. */
const both = 1
/** Only the object is there. */
const live = 2

const noBytes = new Uint8Array(0)
const noOrigin = new Origin('', -1)
const unreadable: Serde<never> = {
  name: 'none',
  serialize: () => noBytes,
  deserialize: () => {
    throw new Error('a slot was read before it was filled')
  },
}

/**
 * A record on its way: each operator that changes records owns one slot and fills it again for each
 * record, so nothing is allocated. Key and value are bytes, objects or both; bytes stay as long as
 * the object is the same. A step may read the slot it is handed, and must not change it: other
 * branches get it too.
 */
export class Slot implements RecordContext {
  origin = noOrigin
  timestamp = -0.5
  /** −1 for a null key. Valid unless the key has no bytes (`keyIn`). */
  keyBytes: Uint8Array = noBytes
  keyStart = -1
  keyEnd = -1
  valueBytes: Uint8Array = noBytes
  valueStart = -1
  valueEnd = -1
  /**
   * Of a table's change: the value before, null for none. Only where a step behind reads it, as
   * `sendersOfOld` of the plan says; anything else otherwise.
   */
  old: unknown = null
  /**
   * Of a change of a versioned table: a later one is known already. Anything for other records.
   */
  superseded = false
  #keySerde: Serde<unknown> = unreadable
  #keyForm = raw
  #key: unknown = null
  #keyHash = 0
  #keyHashed = false
  #valueSerde: Serde<unknown> = unreadable
  #valueForm = raw
  #value: unknown = null

  get topic(): string {
    return this.origin.topic
  }

  get partition(): number {
    return this.origin.partition
  }

  get offset(): number {
    return this.origin.offset
  }

  get headers(): readonly Header[] {
    return this.origin.headers
  }

  get keyIsNull(): boolean {
    return this.#keyForm === live ? this.#key === null : this.keyStart < 0
  }

  get keyHasBytes(): boolean {
    return this.#keyForm !== live
  }

  get valueHasBytes(): boolean {
    return this.#valueForm !== live
  }

  get valueIsNull(): boolean {
    return this.#valueForm === live ? this.#value === null : this.valueStart < 0
  }

  /** The typed key, null for none. @throws what the serde throws. */
  key(): unknown {
    if (this.#keyForm === raw) {
      this.#key =
        this.keyStart < 0
          ? null
          : this.#keySerde.deserialize(this.keyBytes.subarray(this.keyStart, this.keyEnd))
      this.#keyForm = both
    }
    return this.#key
  }

  /** The typed value, null for a tombstone. @throws what the serde throws. */
  value(): unknown {
    if (this.#valueForm === raw) {
      this.#value =
        this.valueStart < 0
          ? null
          : this.#valueSerde.deserialize(this.valueBytes.subarray(this.valueStart, this.valueEnd))
      this.#valueForm = both
    }
    return this.#value
  }

  /** True when the key's bytes, as this serde writes them, are in the slot. */
  keyIn(serde: Serde<unknown>): boolean {
    return this.#keyForm !== live && (this.#keySerde === serde || this.keyStart < 0)
  }

  valueIn(serde: Serde<unknown>): boolean {
    return this.#valueForm !== live && (this.#valueSerde === serde || this.valueStart < 0)
  }

  /** murmur2 of the key's bytes, computed once. Only where `keyIn` is true. */
  keyHash(): number {
    if (!this.#keyHashed) {
      this.#keyHash = murmur2(this.keyBytes, this.keyStart, this.keyEnd)
      this.#keyHashed = true
    }
    return this.#keyHash
  }

  setRawKey(serde: Serde<unknown>, bytes: Uint8Array, start: number, end: number): void {
    this.#keySerde = serde
    this.keyBytes = bytes
    this.keyStart = start
    this.keyEnd = end
    this.#keyForm = raw
    this.#keyHashed = false
  }

  /** Spares `keyHash` the work. */
  setKeyHash(hash: number): void {
    this.#keyHash = hash
    this.#keyHashed = true
  }

  setRawValue(serde: Serde<unknown>, bytes: Uint8Array, start: number, end: number): void {
    this.#valueSerde = serde
    this.valueBytes = bytes
    this.valueStart = start
    this.valueEnd = end
    this.#valueForm = raw
  }

  /** Undefined counts as null. */
  setKey(key: unknown): void {
    this.#key = key ?? null
    this.#keyForm = live
  }

  setValue(value: unknown): void {
    this.#value = value ?? null
    this.#valueForm = live
  }

  /** Gives an object its bytes too, as the serde writes it. */
  setValueWithBytes(
    value: unknown,
    serde: Serde<unknown>,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.setRawValue(serde, bytes, start, end)
    this.#value = value
    this.#valueForm = both
  }

  /** Takes over where the record came from, and when. */
  follow(from: Slot): void {
    this.origin = from.origin
    this.timestamp = from.timestamp
  }

  takeKey(from: Slot): void {
    this.#keySerde = from.#keySerde
    this.keyBytes = from.keyBytes
    this.keyStart = from.keyStart
    this.keyEnd = from.keyEnd
    this.#keyForm = from.#keyForm
    this.#key = from.#key
    this.#keyHash = from.#keyHash
    this.#keyHashed = from.#keyHashed
  }

  takeValue(from: Slot): void {
    this.#valueSerde = from.#valueSerde
    this.valueBytes = from.valueBytes
    this.valueStart = from.valueStart
    this.valueEnd = from.valueEnd
    this.#valueForm = from.#valueForm
    this.#value = from.#value
  }
}
