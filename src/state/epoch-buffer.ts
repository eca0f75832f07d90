import { assert, messageOf, StreamError } from '../model/errors.ts'
import type { Epoch } from '../model/ids.ts'
import { noHeaders, type OutputPartition } from '../model/output.ts'
import type { StateBackend } from './backend.ts'
import { KeyTable } from './key-table.ts'
import type { StoreSpec } from './spec.ts'
import { doubled, StoreBatch, timeBytes } from './store-batch.ts'
import { readInt64 } from '../model/int64.ts'
import type { ValueColumn } from './value-column.ts'

const unloaded = 0
const clean = 1
const dirty = 2

interface StagedEpoch {
  readonly epoch: Epoch
  readonly batch: StoreBatch
}

/**
 * The hot tier of one store: entries by the bytes of their key, holding live values. Changes of the
 * open epoch are marked; `cut` serialises each changed key once, for the changelog and for the
 * backend; `committed` hands an epoch to the backend; `rollback` forgets every live value that is
 * not committed, so that the next access reads committed bytes again. Live values and committed
 * bytes never share memory: changing a value in place is safe.
 *
 * Invariant: an entry is pinned once for the open epoch's list and once for each staged epoch that
 * has it; only unpinned entries may be removed, since lists hold entry numbers.
 */
export class EpochBuffer<Column extends ValueColumn = ValueColumn> {
  readonly spec: StoreSpec
  readonly column: Column
  readonly #backend: StateBackend
  readonly #keys = new KeyTable()
  #states = new Uint8Array(0)
  #pins = new Uint8Array(0)
  /** Time of the last change; −1 when absent. */
  #times = new Float64Array(0)
  /** What the backend said of the entry's key at its last commit; see `StoreBatch.hints`. */
  #hints = new Int32Array(0)
  #changed = new Int32Array(64)
  #changedCount = 0
  #staged: StagedEpoch[] = []
  #spare: StoreBatch

  constructor(spec: StoreSpec, column: Column, backend: StateBackend) {
    this.spec = spec
    this.column = column
    this.#backend = backend
    this.#spare = new StoreBatch(spec.name)
  }

  /** True when the open epoch changed a key. */
  get dirty(): boolean {
    return this.#changedCount > 0
  }

  /**
   * The entry of a key, its value loaded. Valid until the epoch is cut, committed or rolled back.
   * @param hash murmur2 of the key's bytes.
   * @throws StreamError `STATE_UNREADABLE` when the serde refuses the committed bytes.
   */
  entryOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    let entry = this.#keys.find(bytes, start, end, hash)
    if (entry < 0) entry = this.#add(bytes, start, end, hash)
    if (this.#states[entry] === unloaded) this.#load(entry, bytes, start, end, hash)
    return entry
  }

  /** As `entryOf`, but −1 for a key that is not in the hot tier; nothing is loaded. For queries. */
  peek(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const entry = this.#keys.find(bytes, start, end, hash)
    return entry >= 0 && this.#states[entry] !== unloaded ? entry : -1
  }

  /** As `entryOf`, but −1 for a key without a value: nothing is remembered of it. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const entry = this.peek(bytes, start, end, hash)
    if (entry >= 0) return this.column.isAbsent(entry) ? -1 : entry
    const value = this.#backend.get(this.spec.name, bytes, start, end, hash)
    return value === undefined ? -1 : this.entryOf(bytes, start, end, hash)
  }

  /** Copies of the keys that have a live value. */
  liveKeys(): readonly Uint8Array[] {
    const keys: Uint8Array[] = []
    for (let entry = 0; entry < this.#keys.entriesEnd; entry += 1) {
      const length = this.#keys.length(entry)
      if (length < 0 || this.#states[entry] === unloaded || this.column.isAbsent(entry)) continue
      const start = this.#keys.start(entry)
      keys.push(this.#keys.bytes(entry).slice(start, start + length))
    }
    return keys
  }

  timeOf(entry: number): number {
    return this.#times[entry] ?? -1
  }

  /** Notes that the column's value of an entry was changed. */
  touch(entry: number, time: number): void {
    this.#times[entry] = time
    if (this.#states[entry] === dirty) return
    this.#states[entry] = dirty
    this.#pins[entry] = (this.#pins[entry] ?? 0) + 1
    if (this.#changedCount === this.#changed.length) this.#changed = doubled(this.#changed)
    this.#changed[this.#changedCount] = entry
    this.#changedCount += 1
  }

  /**
   * Ends the open epoch: one record for each changed key goes to the changelog and waits for
   * `committed`. Answers these changes, in the order of their first change; undefined for none.
   * @throws StreamError `STATE_UNWRITABLE` when the store's serde refuses a value.
   */
  cut(epoch: Epoch, changelog: OutputPartition | undefined): StoreBatch | undefined {
    if (this.#changedCount === 0) return undefined
    assert(this.#staged.length < 2, 'at most two epochs of a store are unsettled')
    const batch = this.#spare
    this.#spare = new StoreBatch(this.spec.name)
    for (let index = 0; index < this.#changedCount; index += 1) {
      const entry = this.#changed[index] ?? 0
      this.#stage(entry, batch)
      if (changelog !== undefined) appendChange(batch, index, this.timeOf(entry), changelog)
      this.#states[entry] = clean
    }
    this.#changedCount = 0
    this.#staged.push({ epoch, batch })
    return batch
  }

  /**
   * The epoch committed: the backend takes its changes. `changelogEnd`: where its changelog goes on
   * after them.
   */
  committed(epoch: Epoch, changelogEnd: number | undefined): void {
    const [first] = this.#staged
    if (first === undefined || first.epoch !== epoch) return
    this.#staged.shift()
    const { batch } = first
    batch.nextOffset = changelogEnd
    for (let index = 0; index < batch.count; index += 1) {
      batch.hints[index] = this.#hints[batch.entries[index] ?? 0] ?? -1
    }
    this.#backend.apply(batch)
    for (let index = 0; index < batch.count; index += 1) {
      const entry = batch.entries[index] ?? 0
      this.#hints[entry] = batch.hints[index] ?? -1
      const pins = (this.#pins[entry] ?? 1) - 1
      this.#pins[entry] = pins
      // A deleted key that nothing unsettled mentions need not be remembered.
      if (pins === 0 && this.column.isAbsent(entry)) this.#forget(entry)
    }
    batch.clear()
    this.#spare = batch
  }

  /** Drops the open and the staged epochs. */
  rollback(): void {
    for (let index = 0; index < this.#changedCount; index += 1) {
      this.#forget(this.#changed[index] ?? 0)
    }
    this.#changedCount = 0
    for (const { batch } of this.#staged) {
      for (let index = 0; index < batch.count; index += 1) this.#forget(batch.entries[index] ?? 0)
    }
    this.#staged = []
  }

  #stage(entry: number, batch: StoreBatch): void {
    const keys = this.#keys
    const start = keys.start(entry)
    batch.addKey(keys.bytes(entry), start, start + keys.length(entry), keys.hash(entry), entry)
    if (this.column.isAbsent(entry)) return
    try {
      this.column.write(entry, this.timeOf(entry), batch)
    } catch (cause) {
      throw new StreamError(
        'STATE_UNWRITABLE',
        `the serde of store ${this.spec.name} refuses a value: ${messageOf(cause)}; ` +
          'give the store a serde that fits what its function returns',
        { domain: 'user', recovery: 'fatal', where: { node: this.spec.name }, cause },
      )
    }
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const entry = this.#keys.add(bytes, start, end, hash)
    if (entry >= this.#states.length) this.#grow()
    this.#states[entry] = unloaded
    this.#pins[entry] = 0
    this.#hints[entry] = -1
    return entry
  }

  #load(entry: number, bytes: Uint8Array, start: number, end: number, hash: number): void {
    const value = this.#backend.get(this.spec.name, bytes, start, end, hash)
    if (value === undefined) {
      this.column.clear(entry)
      this.#times[entry] = -1
    } else {
      this.#times[entry] = readInt64(value, 0)
      this.#loadValue(entry, value)
    }
    this.#states[entry] = clean
  }

  #loadValue(entry: number, value: Uint8Array): void {
    try {
      this.column.load(entry, value, timeBytes, value.length)
    } catch (cause) {
      throw new StreamError(
        'STATE_UNREADABLE',
        `the serde of store ${this.spec.name} cannot read a value: ${messageOf(cause)}; ` +
          'if its type changed, give the store a new name or reset the application',
        { domain: 'user', recovery: 'fatal', where: { node: this.spec.name }, cause },
      )
    }
  }

  #forget(entry: number): void {
    if (this.#keys.length(entry) < 0) return
    this.column.clear(entry)
    this.#states[entry] = unloaded
    this.#pins[entry] = 0
    this.#keys.remove(entry)
  }

  #grow(): void {
    const capacity = Math.max(64, 2 * this.#states.length)
    const states = new Uint8Array(capacity)
    states.set(this.#states)
    this.#states = states
    const pins = new Uint8Array(capacity)
    pins.set(this.#pins)
    this.#pins = pins
    const times = new Float64Array(capacity)
    times.set(this.#times)
    this.#times = times
    const hints = new Int32Array(capacity)
    hints.set(this.#hints)
    this.#hints = hints
    this.column.grow(capacity)
  }
}

function appendChange(
  batch: StoreBatch,
  at: number,
  time: number,
  changelog: OutputPartition,
): void {
  const valueStart = batch.valueStarts[at] ?? -1
  changelog.append(
    time,
    batch.bytes,
    batch.keyStarts[at] ?? 0,
    batch.keyEnds[at] ?? 0,
    batch.bytes,
    valueStart < 0 ? -1 : valueStart + timeBytes,
    batch.valueEnds[at] ?? -1,
    noHeaders,
  )
}
