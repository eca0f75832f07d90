import type { Epoch } from '../model/ids.ts'
import { readInt64, writeInt64 } from '../model/int64.ts'
import { murmur2 } from '../model/murmur2.ts'
import { windowBytes } from '../serde/windowed.ts'
import { closesAt } from '../time/windows.ts'
import { noTime } from '../time/watermark-record.ts'
import { copyBytes } from './byte-slabs.ts'
import type { EpochBuffer } from './epoch-buffer.ts'
import type { ExpiringStore } from './expiring-store.ts'
import { OpenSlices } from './open-slices.ts'
import { ruleOfWindows } from './slices.ts'
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
  readonly #open: OpenSlices<WindowSegment>

  constructor(buffer: EpochBuffer<Column>, window: StoredWindow) {
    this.buffer = buffer
    this.window = window
    this.#open = new OpenSlices<WindowSegment>(buffer, ruleOfWindows, {
      create: (startMs, number, from) => new WindowSegment(startMs, number, from),
      list: (segment, entry) => this.#list(segment, entry),
    })
  }

  get closing(): boolean {
    return this.#open.closing
  }

  get changelogFrom(): number {
    return this.#open.changelogFrom
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
    const segment = this.#open.at(startMs)
    const hash = murmur2(keyBytes, 0, keyEnd)
    const entry = this.buffer.entryOf(keyBytes, 0, keyEnd, hash, segment.whole)
    if (this.#open.owners[entry] !== segment.number) this.#list(segment, entry)
    return entry
  }

  /**
   * The watermark reached a time: answers the next window that closes, with the entries that are in
   * memory; undefined when there is none left.
   */
  close(watermark: number): WindowSegment | undefined {
    this.#watermark = watermark
    const [first] = this.#open.all
    if (first === undefined || !this.isLate(first.startMs)) return undefined
    this.#open.close()
    first.settle(this.#open.owners, this.#holds)
    return first
  }

  /** Reads what only the backend has of a window that closes. */
  load(segment: WindowSegment): void {
    this.#open.load(segment)
  }

  cut(epoch: Epoch): void {
    this.#open.cut(epoch)
  }

  committed(epoch: Epoch): void {
    this.#open.committed(epoch)
  }

  rollback(): void {
    this.#open.rollback()
    this.#watermark = noTime
  }

  restored(nextOffset: number): void {
    this.buffer.restored(nextOffset)
  }

  clear(): void {
    this.#open.clear()
  }

  restart(watermark: number): void {
    this.#watermark = watermark
    for (;;) {
      const [first] = this.#open.all
      if (first === undefined || !this.isLate(first.startMs)) return
      this.#open.expire()
    }
  }

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
    const segment = this.#open.at(startMs)
    if (this.#open.owners[entry] !== segment.number) this.#list(segment, entry)
  }

  readonly #holds = (entry: number): boolean => this.#open.holds(entry)

  #list(segment: WindowSegment, entry: number): void {
    // What was evicted and read again is listed twice: lists grow by what is there.
    if (segment.full && !segment.whole) segment.settle(this.#open.owners, this.#holds)
    this.#open.own(entry, segment)
    segment.add(entry)
  }
}
