/**
 * One store in one LMDB file. A commit does not wait for the disk: what was committed is in the
 * operating system's hands and survives the process, however that ends. A machine that goes down
 * may leave a torn file; whoever opens a store after that has to know (`worker/task-state.ts`).
 */
import { readInt64, writeInt64 } from '../../model/int64.ts'
import type { KeyRange } from '../../state/backend.ts'
import { compareBytes, noBytes } from '../../state/byte-slabs.ts'
import type { StoreBatch } from '../../state/store-batch.ts'
import { type BucketEntry, changeBucket, readBucket, writeBucket } from './bucket.ts'
import { sizeOf, wrongBeginning, wrongLength } from './intact.ts'
import { endKey, isBucket, keyEncoder, keyOf, kindOf } from './key-encoding.ts'
import { type KeySlice, offsetKey, plainBytesMax } from './key-encoding.ts'
import type { Lmdb, LmdbDatabase } from './library.ts'

type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** A transaction that stays open over several calls. */
interface OpenTransaction {
  readonly commit: () => void
  readonly abort: (cause: Error) => void
}

/** Flags of `transactionSync`: it can be aborted, and is committed before the call returns. */
const abortableNow = 3

export class LmdbStore {
  readonly #database: LmdbDatabase
  readonly #key: KeySlice = { kind: 'plain', bytes: noBytes, start: 0, end: 0 }
  #open: OpenTransaction | undefined

  /** @throws Error that says what is wrong with the file. */
  constructor(lmdb: Lmdb, path: string) {
    const wrong = wrongBeginning(path)
    if (wrong !== undefined) throw new Error(wrong)
    const bytes = sizeOf(path)
    const fixed = { noSubdir: true, noSync: true, encoding: 'binary' } as const
    this.#database = lmdb.open(path, { ...fixed, keyEncoder })
    const short = wrongLength(this.#database, bytes)
    if (short === undefined) return
    this.close()
    throw new Error(short)
  }

  /** A copy. */
  get(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const key = this.#slice(bytes, start, end)
    if (key.kind === 'plain') return this.#database.getBinary(key)
    const rest = bytes.subarray(start + plainBytesMax, end)
    return this.#bucket(key).find((entry) => compareBytes(entry.rest, rest) === 0)?.value
  }

  /** Copies, read at once: a cursor must not meet a change. */
  range({ from = noBytes, to, reverse = false, limit = Infinity }: KeyRange): readonly Entry[] {
    const lower = sliceOf(from)
    const upper = to === undefined ? endKey : sliceOf(to)
    const bounds = reverse ? { start: upper, end: lower } : { start: lower, end: upper }
    const found: Entry[] = []
    if (limit <= 0) return found
    for (const stored of this.#database.getRange({ ...bounds, reverse, inclusiveEnd: true })) {
      for (const entry of entriesOf(stored.key, stored.value, reverse)) {
        if (compareBytes(entry[0], from) < 0) continue
        if (to !== undefined && compareBytes(entry[0], to) >= 0) continue
        found.push(entry)
        if (found.length >= limit) return found
      }
    }
    return found
  }

  /** A bucket counts, and goes, as one key. */
  drop(before: Uint8Array, keysMax: number): number {
    const range = { start: sliceOf(noBytes), end: sliceOf(before), limit: keysMax }
    const keys = [...this.#database.getKeys(range)]
    this.#change(() => {
      for (const stored of keys) {
        const bytes = keyOf(stored)
        const kind = isBucket(stored) ? 'bucket' : 'plain'
        this.#database.remove({ kind, bytes, start: 0, end: bytes.length })
      }
    })
    return keys.length
  }

  offset(): number | undefined {
    const bytes = this.#database.getBinary(offsetKey)
    return bytes === undefined ? undefined : readInt64(bytes, 0)
  }

  /** True between `begin` and `commit`. */
  get begun(): boolean {
    return this.#open !== undefined
  }

  /** From here on changes wait for `commit`; this store sees them, a new start does not. */
  begin(): void {
    this.#database.transactionSync(
      () => ({
        // What the library takes for a promise keeps the transaction open; nobody awaits this one.
        // oxlint-disable-next-line unicorn/no-thenable
        then: (commit, abort) => {
          this.#open = { commit, abort }
        },
      }),
      abortableNow,
    )
  }

  commit(): void {
    const open = this.#open
    this.#open = undefined
    open?.commit()
  }

  /** Changes `from` to below `to` of the batch, and its offset: one transaction, or part of one. */
  apply(batch: StoreBatch, from: number, to: number): void {
    this.#change(() => this.#write(batch, from, to))
  }

  /** What is not committed is dropped. */
  close(): void {
    const open = this.#open
    this.#open = undefined
    try {
      open?.abort(closing)
    } catch (error) {
      if (error !== closing) throw error
    }
    void this.#database.close()
  }

  #change(change: () => void): void {
    if (this.#open === undefined) this.#database.transactionSync(change, abortableNow)
    else change()
  }

  #write(batch: StoreBatch, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const valueStart = batch.valueStarts[at] ?? -1
      const value =
        valueStart < 0 ? undefined : batch.bytes.subarray(valueStart, batch.valueEnds[at])
      this.#put(batch.bytes, batch.keyStarts[at] ?? 0, batch.keyEnds[at] ?? 0, value)
    }
    if (batch.nextOffset === undefined) return
    const offset = new Uint8Array(8)
    writeInt64(offset, 0, batch.nextOffset)
    this.#database.put(offsetKey, offset)
  }

  #put(bytes: Uint8Array, start: number, end: number, value: Uint8Array | undefined): void {
    const key = this.#slice(bytes, start, end)
    if (key.kind === 'plain') {
      if (value === undefined) this.#database.remove(key)
      else this.#database.put(key, value)
      return
    }
    const rest = bytes.slice(start + plainBytesMax, end)
    const entries = changeBucket(this.#bucket(key), rest, value?.slice())
    if (entries.length === 0) this.#database.remove(key)
    else this.#database.put(key, writeBucket(entries))
  }

  #bucket(key: KeySlice): BucketEntry[] {
    const bytes = this.#database.getBinary(key)
    return bytes === undefined ? [] : readBucket(bytes)
  }

  #slice(bytes: Uint8Array, start: number, end: number): KeySlice {
    const key = this.#key
    key.kind = kindOf(start, end)
    key.bytes = bytes
    key.start = start
    key.end = end
    return key
  }
}

const closing = new Error('the store is closed')

function sliceOf(bytes: Uint8Array): KeySlice {
  return { kind: kindOf(0, bytes.length), bytes, start: 0, end: bytes.length }
}

function entriesOf(stored: Uint8Array, value: Uint8Array, reverse: boolean): readonly Entry[] {
  const key = keyOf(stored)
  if (!isBucket(stored)) return [[key, value]]
  const entries = readBucket(value).map((entry): Entry => {
    const whole = new Uint8Array(key.length + entry.rest.length)
    whole.set(key)
    whole.set(entry.rest, key.length)
    return [whole, entry.value]
  })
  return reverse ? entries.toReversed() : entries
}
