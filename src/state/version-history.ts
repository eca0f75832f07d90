import { murmur2 } from '../model/murmur2.ts'
import { isVersion, versionBytes, versionFrom } from '../serde/versions.ts'
import { noTime } from '../time/watermark-record.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { ObjectColumn } from './object-column.ts'
import { assert } from '../model/errors.ts'

/** Before every version: times are from 0. */
const first = 0
const last = Number.MAX_SAFE_INTEGER

/**
 * The versions of each key in an ordered store (KIP-889). A version holds from its time until that
 * of the next; what ended longer than `retentionMs` before the highest time seen is let go when its
 * key is written again, and not found before that either.
 */
export class VersionHistory {
  /** Of the version that was found last. */
  from = -1
  /** Highest time that was seen, kept by who puts. */
  observed = noTime
  readonly #store: EpochBuffer<ObjectColumn>
  readonly #retentionMs: number

  constructor(store: EpochBuffer<ObjectColumn>, retentionMs: number) {
    this.#store = store
    this.#retentionMs = retentionMs
  }

  /** The present value of a key, null for none. */
  latest(key: Uint8Array, start: number, end: number): unknown {
    return this.#valueAt(key, start, end, last)
  }

  /** The value of a key at a time, null for none, and for a time that nothing is known of. */
  at(key: Uint8Array, start: number, end: number, time: number): unknown {
    const value = this.#valueAt(key, start, end, time)
    if (time >= this.observed - this.#retentionMs) return value
    // The present version is known however old it is.
    const from = this.from
    const present = this.latest(key, start, end)
    return from >= 0 && this.from === from ? present : null
  }

  /** False where the time is before all that is kept: nothing is changed then. */
  accepts(time: number): boolean {
    return time >= this.observed - this.#retentionMs
  }

  /** Puts a version; null deletes from its time on. Answers whether it is the present one. */
  put(key: Uint8Array, start: number, end: number, time: number, value: unknown): boolean {
    this.latest(key, start, end)
    const isLatest = time >= this.from
    const store = this.#store
    const bytes = versionBytes(key, start, end, time)
    const entry = store.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    store.touch(entry, time)
    store.column.set(entry, { value })
    this.#expire(key, start, end)
    return isLatest
  }

  #valueAt(key: Uint8Array, start: number, end: number, time: number): unknown {
    const from = versionBytes(key, start, end, first)
    const to = versionBytes(key, start, end, Math.min(time, last - 1) + 1)
    const store = this.#store
    const [entry] = store.scan(from, to, { reverse: true, limit: 1 })
    this.from = -1
    if (entry === undefined) return null
    this.from = versionFrom(store.keyBytes(entry), store.keyEnd(entry))
    const version = store.column.read(entry)
    assert(isVersion(version), 'a store of versions has nothing else')
    return version.value
  }

  #expire(key: Uint8Array, start: number, end: number): void {
    const bound = this.observed - this.#retentionMs
    if (bound < 0) return
    const from = versionBytes(key, start, end, first)
    const to = versionBytes(key, start, end, bound + 1)
    const store = this.#store
    // The newest of them still holds at the bound, unless it is a deletion.
    const [newest, ...ended] = store.scan(from, to, { reverse: true })
    if (newest === undefined) return
    const version = store.column.read(newest)
    const gone = isVersion(version) && version.value === null ? [newest, ...ended] : ended
    for (const entry of gone) {
      store.touch(entry, this.observed)
      store.column.set(entry, null)
    }
  }
}
