import { assert } from '../model/errors.ts'
import type { Epoch } from '../model/ids.ts'
import { readInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { noHeaders, type OutputPartition } from '../model/output.ts'
import type { StateBackend } from './backend.ts'
import { BackendStore, type StoredEntry } from './backend-store.ts'
import { addCommitted } from './committed-values.ts'
import { EntrySet } from './entry-set.ts'
import { entryDoubles, EntryTable, entryWords, markWord, timeDouble } from './entry-table.ts'
import { unreadable, unwritable } from './failures.ts'
import { OrderedEntries, type ScanOptions } from './ordered-entries.ts'
import type { StoreSpec } from './spec.ts'
import { type StoreBatch, timeBytes } from './store-batch.ts'
import { type Changes, type StagedEpoch, UndoLog } from './undo-log.ts'
import { Unflushed } from './unflushed.ts'
import type { ValueColumn } from './value-column.ts'

/** Marks of an entry; above them: 1 + its item in the open epoch's log. */
const clean = 0
const asleep = -1

/**
 * One store of one task: entries by the bytes of their key, with live values. Without a backend
 * that is all of the store. With one, it is the tier above it: changes that have committed wait
 * here for `takeUnflushed`, and what is not here is read from there.
 *
 * A change is made in place and what was there before is noted, once per key and epoch; `cut`
 * serialises each changed key once, for the changelog; committing forgets the notes, rolling back
 * puts them back. The open epoch goes on while one that was cut is not settled.
 */
export class EpochBuffer<Column extends ValueColumn = ValueColumn> {
  readonly spec: StoreSpec
  readonly column: Column
  /** The tier below; undefined: what is in memory is all of the store. */
  readonly below: BackendStore | undefined
  /** The keys in memory; the marks of their entries say what of `open` is theirs. */
  readonly table = new EntryTable()
  /** Of an `ordered` store. */
  readonly ordered: OrderedEntries | undefined
  #open = new UndoLog()
  #spare = new UndoLog()
  /** Entries of the open log. */
  readonly #dirty = new EntrySet()
  #staged: StagedEpoch | undefined
  readonly unflushed = new Unflushed()
  #nextOffset: number | undefined
  #flushedOffset: number | undefined
  /** Is told of each entry before it is evicted. */
  onEvicted: ((entry: number) => void) | undefined
  /** Counts entries that were evicted: whoever keeps their numbers has to look them up again. */
  evictions = 0

  constructor(spec: StoreSpec, column: Column, backend: StateBackend | undefined) {
    this.spec = spec
    this.column = column
    this.below = backend && new BackendStore(backend, spec)
    column.attach(this.table)
    this.#grow()
    if (spec.ordered !== true) return
    // Of slices, those who keep them know what has to be read.
    const ranges = this.below?.sliced === true ? undefined : this.below
    this.ordered = new OrderedEntries(this, ranges)
  }

  /** True when the open epoch changed a key. */
  get dirty(): boolean {
    return this.#open.count > 0
  }

  /** Where the changelog goes on after what has committed; undefined for a store without any. */
  get nextOffset(): number | undefined {
    return this.#nextOffset ?? this.below?.offset
  }

  /**
   * The entry of a key, its value loaded; added without a value where there is none. Valid until
   * the epoch is cut, committed or rolled back.
   * @param hash murmur2 of the key's bytes.
   * @param whole What is not in memory is known not to be below either.
   * @throws StreamError `STATE_UNREADABLE` when the serde refuses the committed bytes.
   */
  entryOf(bytes: Uint8Array, start: number, end: number, hash: number, whole = false): number {
    let entry = this.table.find(bytes, start, end, hash)
    if (entry < 0) {
      if (whole) return this.#newEntry(bytes, start, end, hash)
      entry = this.#add(bytes, start, end, hash, true)
    }
    if ((this.table.words[entry * entryWords + markWord] ?? 0) < 0) this.#wake(entry)
    return entry
  }

  /** Reads what the look-up of keys with these hashes will read. */
  warm(hashes: Int32Array, count: number): void {
    this.column.warm?.(this.table.warm(hashes, count), count)
  }

  /** As `entryOf`, but −1 for a key without a value: nothing is added for it. */
  find(bytes: Uint8Array, start: number, end: number, hash: number, whole = false): number {
    let entry = this.table.find(bytes, start, end, hash)
    if (entry < 0 && !whole) entry = this.#add(bytes, start, end, hash, false)
    return entry >= 0 && this.loads(entry) ? entry : -1
  }

  /**
   * Entries of an `ordered` store that have a value, in the unsigned order of their keys' bytes:
   * those from `from`, or the first, to below `to`, or the last. As valid as `entryOf`'s.
   * @throws StreamError `STATE_UNREADABLE` when the serde refuses the committed bytes.
   */
  scan(from?: Uint8Array, to?: Uint8Array, options: ScanOptions = {}): readonly number[] {
    assert(this.ordered !== undefined, 'only an ordered store is read by ranges')
    return this.ordered.scan(from, to, options)
  }

  /** Time of the last change; −1 when there was none. */
  timeOf(entry: number): number {
    return this.table.doubles[entry * entryDoubles + timeDouble] ?? -1
  }

  /** Notes that an entry's value changes: to be called before the column is told so. */
  touch(entry: number, time: number): void {
    const { words, doubles } = this.table
    const mark = entry * entryWords + markWord
    if (words[mark] === clean) {
      words[mark] = this.#open.add(entry, words) + 1
      this.#dirty.add(entry)
    }
    doubles[entry * entryDoubles + timeDouble] = time
  }

  /**
   * Ends the open epoch: one record for each changed key goes to the changelog.
   * @throws StreamError `STATE_UNWRITABLE` when the store's serde refuses a value.
   */
  cut(epoch: Epoch, changelog: OutputPartition | undefined): Changes {
    assert(this.#staged === undefined, 'an epoch is cut when the one before it is settled')
    const { words } = this.table
    const { column } = this
    const deleted: number[] = []
    const dirty = this.#dirty
    // In the order of the table's memory, not of the changes.
    for (let entry = dirty.next(0); entry >= 0; entry = dirty.next(entry + 1)) {
      this.#stage(entry)
      if (column.start < 0) deleted.push(entry)
      if (changelog !== undefined) this.#append(entry, changelog)
      words[entry * entryWords + markWord] = clean
      if (this.below !== undefined) this.unflushed.add(entry)
    }
    dirty.clear()
    const log = this.#open
    this.#staged = { epoch, log, deleted }
    this.#open = this.#spare
    return log
  }

  /** The epoch committed. `changelogEnd`: where its changelog goes on after it. */
  committed(epoch: Epoch, changelogEnd: number | undefined): void {
    const staged = this.#staged
    if (staged === undefined || staged.epoch !== epoch) return
    this.#staged = undefined
    this.#nextOffset = changelogEnd ?? this.#nextOffset
    const { log, deleted } = staged
    this.column.settle(log)
    for (const entry of deleted) this.#forgetAbsent(entry)
    log.clear()
    this.#spare = log
    this.column.tidy(this.#open)
  }

  /** Drops the open epoch and one that was cut. */
  rollback(): void {
    const logs = [this.#open]
    if (this.#staged !== undefined) logs.push(this.#staged.log)
    for (const log of logs) {
      for (let item = 0; item < log.count; item += 1) this.#undo(log, item)
    }
    for (const log of logs) {
      for (let item = 0; item < log.count; item += 1) this.#forgetAbsent(log.entry(item))
      log.clear()
    }
    this.#spare = this.#staged?.log ?? this.#spare
    this.#staged = undefined
    this.#dirty.clear()
  }

  /** Takes a record of the changelog; `valueStart` −1: a deletion. Answers the entry, or −1. */
  restore(
    time: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    hash: number,
    valueStart: number,
    valueEnd: number,
  ): number {
    let entry = this.table.find(bytes, keyStart, keyEnd, hash)
    if (valueStart < 0 && this.below === undefined) {
      if (entry >= 0) this.#forget(entry)
      return -1
    }
    if (entry < 0) entry = this.#newEntry(bytes, keyStart, keyEnd, hash)
    if (this.below !== undefined) this.unflushed.add(entry)
    if (valueStart < 0) this.#empty(entry)
    else this.#load(entry, time, bytes, valueStart, valueEnd)
    return valueStart < 0 ? -1 : entry
  }

  /** Where the changelog goes on after what was restored. */
  restored(nextOffset: number): void {
    this.#nextOffset = nextOffset
  }

  /**
   * What the backend does not have yet, as of the last epoch that committed; undefined for nothing.
   * No epoch may be waiting for its commit. `flushed` has to follow before the next one.
   */
  takeUnflushed(): StoreBatch | undefined {
    assert(this.#staged === undefined, 'a store is flushed between a commit and the next cut')
    assert(!this.unflushed.underWay, 'one flush of a store at a time')
    if (this.below === undefined || this.#nextOffset === this.#flushedOffset) return undefined
    const batch = this.below.batch(this.#nextOffset)
    addCommitted(batch, this.below, this, this.unflushed.take())
    this.#flushedOffset = this.#nextOffset
    return batch
  }

  /** The backend has what was taken last. */
  flushed(): void {
    this.unflushed.done((entry) => this.#forgetAbsent(entry))
  }

  get open(): UndoLog {
    return this.#open
  }

  /** An epoch that was cut and is not settled. */
  get staged(): StagedEpoch | undefined {
    return this.#staged
  }

  /** Lets an entry go that no unsettled epoch changed; the backend drops its slice. */
  expire(entry: number): void {
    assert(this.#mark(entry) <= clean, 'what an epoch has changed does not expire in it')
    this.unflushed.forget(entry)
    this.#forget(entry)
  }

  /** Lets an entry go that the backend has as it is. */
  evict(entry: number): void {
    this.evictions += 1
    this.onEvicted?.(entry)
    this.#forget(entry)
  }

  /** Takes entries of the backend that memory does not have, and tells them. */
  takeStored(entries: Iterable<StoredEntry>, each: (entry: number) => void): void {
    for (const [key, stored] of entries) {
      const hash = murmur2(key, 0, key.length)
      if (this.table.find(key, 0, key.length, hash) >= 0) continue
      const entry = this.#newEntry(key, 0, key.length, hash)
      this.#take(entry, stored)
      each(entry)
    }
  }

  /** The bytes of an entry's key; valid until an entry is removed. */
  keyBytes(entry: number): Uint8Array {
    return this.table.keyBytes(entry)
  }

  keyStart(entry: number): number {
    return this.table.keyStart(entry)
  }

  /** Before `keyStart` for a number that no key has. */
  keyEnd(entry: number): number {
    return this.table.keyStart(entry) + this.table.keyLength(entry)
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, absent: boolean): number {
    const stored = this.below?.get(bytes, start, end)
    if (stored === undefined && !absent) return -1
    const entry = this.#newEntry(bytes, start, end, hash)
    if (stored !== undefined) this.#take(entry, stored)
    return entry
  }

  #newEntry(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const before = this.table.capacity
    const entry = this.table.add(bytes, start, end, hash)
    if (this.table.capacity > before) this.#grow()
    this.#setTime(entry, -1)
    this.column.begin(entry)
    this.ordered?.add(entry)
    return entry
  }

  /** Takes a value as the backend has it. */
  #take(entry: number, stored: Uint8Array): void {
    this.#load(entry, readInt64(stored, 0), stored, timeBytes, stored.length)
  }

  #load(entry: number, time: number, bytes: Uint8Array, start: number, end: number): void {
    try {
      this.column.load(entry, bytes, start, end)
    } catch (cause) {
      throw unreadable(this.spec.name, cause)
    }
    this.#setTime(entry, time)
    this.#setMark(entry, this.column.sleeps ? asleep : clean)
  }

  /** True where the entry has a value, loaded then. */
  loads(entry: number): boolean {
    if (this.#mark(entry) < 0) this.#wake(entry)
    return this.column.read(entry) !== undefined
  }

  #wake(entry: number): void {
    try {
      this.column.read(entry)
    } catch (cause) {
      throw unreadable(this.spec.name, cause)
    }
    this.#setMark(entry, clean)
  }

  #stage(entry: number): void {
    try {
      this.column.stage(entry)
    } catch (cause) {
      throw unwritable(this.spec.name, cause)
    }
  }

  #append(entry: number, changelog: OutputPartition): void {
    const { column } = this
    const item = this.#mark(entry) - 1
    if (this.spec.lends && this.#open.leaves(item, this.timeOf(entry), column)) return
    const start = this.table.keyStart(entry)
    changelog.append(
      this.timeOf(entry),
      this.table.keyBytes(entry),
      start,
      start + this.table.keyLength(entry),
      column.bytes,
      column.start,
      column.start < 0 ? -1 : column.end,
      noHeaders,
    )
  }

  #undo(log: UndoLog, item: number): void {
    this.column.undo(log, item, log !== this.#open)
    log.restore(item, this.table.words)
    if (this.column.sleeps) this.#setMark(log.entry(item), asleep)
  }

  /** Removes an entry without a value that nothing unsettled mentions. */
  #forgetAbsent(entry: number): void {
    if (this.table.keyLength(entry) < 0 || this.#mark(entry) > clean) return
    if (this.unflushed.has(entry)) return
    this.column.encode(entry)
    if (this.column.start < 0) this.#forget(entry)
  }

  #empty(entry: number): void {
    this.column.drop(entry)
    this.column.begin(entry)
    this.#setTime(entry, -1)
  }

  #forget(entry: number): void {
    this.column.drop(entry)
    this.ordered?.remove(entry)
    this.table.remove(entry)
  }

  #mark(entry: number): number {
    return this.table.words[entry * entryWords + markWord] ?? clean
  }

  #setMark(entry: number, mark: number): void {
    this.table.words[entry * entryWords + markWord] = mark
  }

  #setTime(entry: number, time: number): void {
    this.table.doubles[entry * entryDoubles + timeDouble] = time
  }

  #grow(): void {
    const { capacity } = this.table
    this.#dirty.grow(capacity)
    this.unflushed.grow(capacity)
    this.column.grow(capacity)
  }
}
