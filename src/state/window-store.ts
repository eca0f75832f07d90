import type { Epoch } from '../model/ids.ts'
import { readInt64, writeInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { windowBytes } from '../serde/windowed.ts'
import { closesAt } from '../time/windows.ts'
import { noTime } from '../time/watermark-record.ts'
import { copyBytes } from './byte-slabs.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { ExpiringStore } from './expiring-store.ts'
import { Releases } from './releases.ts'
import type { StoredWindow } from './spec.ts'
import type { ValueColumn } from './value-column.ts'
import { WindowSegment } from './window-segment.ts'

/**
 * A store whose keys end with the start of a window. The values are in an epoch buffer as those of
 * any store; this knows which entries each window has, finds the window of a record by comparing
 * numbers, and lets a window's entries go together once the epoch that closed it has committed,
 * without a word to the changelog: what is restored leaves out windows that the committed watermark
 * has closed, and the changelog is purged up to the first record of a window that is open.
 */
export class WindowStore<Column extends ValueColumn = ValueColumn> implements ExpiringStore {
  readonly buffer: EpochBuffer<Column>
  readonly window: StoredWindow
  /** Key and window of the last `entryAt`, as the changelog has them. */
  keyBytes = new Uint8Array(64)
  keyEnd = windowBytes
  #keyLength = 0
  #watermark = noTime
  /** Ascending by start; the last one is nearly always the one asked for. */
  #open: WindowSegment[] = []
  #last: WindowSegment | undefined
  readonly #releases = new Releases<WindowSegment>((entry, segment) => this.#let(entry, segment))
  /** Number of the segment that lists an entry, by entry. */
  #owners = new Int32Array(64)
  #segments = 0
  /** What `adopt` takes was written nobody knows when. */
  #adopting = false

  constructor(buffer: EpochBuffer<Column>, window: StoredWindow) {
    this.buffer = buffer
    this.window = window
  }

  /** Windows that closed in the open epoch. */
  get closing(): boolean {
    return this.#releases.closing
  }

  /** What the changelog has before this offset is of windows that have closed and committed. */
  get changelogFrom(): number {
    let from = this.#releases.changelogFrom(this.buffer.nextOffset ?? 0)
    for (const segment of this.#open) from = Math.min(from, segment.changelogFrom)
    return from
  }

  /** True where the window takes no more records. */
  isLate(startMs: number): boolean {
    return closesAt(startMs, this.window, this.window.graceMs) <= this.#watermark
  }

  /** The key of the entries that are asked for next. */
  takeKey(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (length + windowBytes > this.keyBytes.length) {
      this.keyBytes = new Uint8Array(2 * (length + windowBytes))
    }
    copyBytes(bytes, start, end, this.keyBytes, 0)
    this.#keyLength = length
    this.keyEnd = length + windowBytes
  }

  /** The entry of the key that was taken in the window that starts then; see `EpochBuffer`. */
  entryAt(startMs: number): number {
    const { keyBytes, keyEnd } = this
    writeInt64(keyBytes, this.#keyLength, startMs)
    const entry = this.buffer.entryOf(keyBytes, 0, keyEnd, murmur2(keyBytes, 0, keyEnd))
    const segment = this.#last?.startMs === startMs ? this.#last : this.#segmentAt(startMs)
    if (this.#owners[entry] !== segment.number) this.#list(segment, entry)
    return entry
  }

  /**
   * The watermark reached a time: answers the entries of the next window that closes, undefined
   * when there is none left.
   */
  close(watermark: number): WindowSegment | undefined {
    this.#watermark = watermark
    const [first] = this.#open
    if (first === undefined || !this.isLate(first.startMs)) return undefined
    this.#open.shift()
    if (this.#last === first) this.#last = undefined
    first.settle(this.#owners, this.#holds)
    this.#releases.close(first)
    return first
  }

  /** The epoch was cut: what it closed goes when it commits. */
  cut(epoch: Epoch): void {
    this.#releases.cut(epoch)
  }

  /** After the buffer's `committed`. */
  committed(epoch: Epoch): void {
    this.#releases.committed(epoch)
  }

  /** After the buffer's `rollback`: windows that closed in dropped epochs are open again. */
  rollback(): void {
    const reopened = this.#releases.rollback()
    this.#open = [...reopened, ...this.#open].toSorted((a, b) => a.startMs - b.startMs)
    this.#last = undefined
    this.#watermark = noTime
  }

  /** Where the changelog goes on after what was restored. */
  restored(nextOffset: number): void {
    this.buffer.restored(nextOffset)
  }

  /** Takes the entries that a backend has kept, once, before `restart`. */
  adopt(keys: Iterable<Uint8Array>): void {
    this.#adopting = true
    for (const key of keys) {
      if (key.length < windowBytes) continue
      const entry = this.buffer.entryOf(key, 0, key.length, murmur2(key, 0, key.length))
      this.#list(this.#segmentAt(readInt64(key, key.length - windowBytes)), entry)
    }
    this.#adopting = false
  }

  /** The watermark that was committed: what it had closed is gone, or is not taken again. */
  restart(watermark: number): void {
    this.#watermark = watermark
    while (this.#open[0] !== undefined && this.isLate(this.#open[0].startMs)) {
      const expired = this.#open.shift()
      if (expired === undefined) return
      expired.settle(this.#owners, this.#holds)
      this.#releases.expire(expired)
    }
    this.#last = undefined
  }

  /** As the buffer's `restore`, but leaves out what had closed. */
  restore(
    time: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    hash: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    if (keyEnd - keyStart < windowBytes) return
    const startMs = readInt64(bytes, keyEnd - windowBytes)
    if (this.isLate(startMs)) return
    const { buffer } = this
    const entry = buffer.restore(time, bytes, keyStart, keyEnd, hash, valueStart, valueEnd)
    if (entry < 0) return
    const segment = this.#segmentAt(startMs)
    if (this.#owners[entry] !== segment.number) this.#list(segment, entry)
  }

  /** False for an entry number that no key has. */
  readonly #holds = (entry: number): boolean =>
    this.buffer.keyEnd(entry) >= this.buffer.keyStart(entry)

  #segmentAt(startMs: number): WindowSegment {
    let at = this.#open.length
    while (at > 0 && (this.#open[at - 1]?.startMs ?? 0) > startMs) at -= 1
    const found = this.#open[at - 1]
    if (found?.startMs === startMs) {
      this.#last = found
      return found
    }
    this.#segments += 1
    const from = this.#adopting ? 0 : (this.buffer.nextOffset ?? 0)
    const segment = new WindowSegment(startMs, this.#segments, from)
    this.#open.splice(at, 0, segment)
    this.#last = segment
    return segment
  }

  #list(segment: WindowSegment, entry: number): void {
    if (entry >= this.#owners.length) {
      const larger = new Int32Array(Math.max(2 * this.#owners.length, entry + 1))
      larger.set(this.#owners)
      this.#owners = larger
    }
    this.#owners[entry] = segment.number
    segment.add(entry)
  }

  #let(entry: number, segment: WindowSegment): void {
    // A value that was deleted in the epoch that closed its window is gone already.
    if (this.#owners[entry] !== segment.number || !this.#holds(entry)) return
    this.#owners[entry] = 0
    this.buffer.expire(entry)
  }
}
