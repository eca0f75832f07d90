import { murmur2 } from '../../model/murmur2.ts'
import type {
  KeyValueStore,
  ScanOrder,
  Session,
  SessionStore,
  Timestamped,
  TimestampedStore,
  WindowedStore,
} from './shared-handles.ts'
import type { Moment } from './moment.ts'
import { behindKey, behindPrefix } from '../key-bounds.ts'
import type { StateEntries } from './state-entries.ts'

type Pair<K, V> = readonly [key: K, value: V]

/** Entries of a store by typed keys of any kind. */
class Shelf {
  readonly entries: StateEntries

  constructor(entries: StateEntries) {
    this.entries = entries
  }

  /** −1 for none. */
  find(key: unknown): number {
    const bytes = this.bytesOf(key)
    return this.entries.buffer.find(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
  }

  entryOf(key: unknown): number {
    const bytes = this.bytesOf(key)
    return this.entries.buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
  }

  bytesOf(key: unknown): Uint8Array {
    return this.entries.buffer.spec.key.serialize(key)
  }

  keyOf(entry: number): unknown {
    const { buffer } = this.entries
    const bytes = buffer.keyBytes(entry)
    return buffer.spec.key.deserialize(bytes.subarray(buffer.keyStart(entry), buffer.keyEnd(entry)))
  }

  read(key: unknown): unknown {
    const entry = this.find(key)
    return entry < 0 ? undefined : this.entries.read(entry)
  }

  remove(key: unknown): void {
    const entry = this.find(key)
    if (entry >= 0) this.entries.remove(entry)
  }

  /**
   * Entries of a range of key bytes, as `each` has them: what it answers undefined for is left out.
   */
  scan<T>(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    order: ScanOrder,
    each: (entry: number) => T | undefined,
  ): readonly T[] {
    const found: T[] = []
    for (const entry of this.entries.buffer.scan(from, to, order)) {
      const one = each(entry)
      if (one !== undefined) found.push(one)
    }
    return found
  }

  /** Up to and with a key. */
  range<T>(
    from: unknown,
    to: unknown,
    order: ScanOrder,
    each: (entry: number) => T | undefined,
  ): readonly T[] {
    return this.scan(this.bytesOf(from), behindKey(this.bytesOf(to)), order, each)
  }

  prefix<T>(prefix: unknown, order: ScanOrder, each: (entry: number) => T | undefined) {
    const from = this.bytesOf(prefix)
    return this.scan(from, behindPrefix(from), order, each)
  }
}

/** Rows by key, as they are told: `Row` is a value, or a value and its time. */
abstract class RowCell<Row> {
  protected readonly shelf: Shelf

  constructor(entries: StateEntries) {
    this.shelf = new Shelf(entries)
  }

  get(key: unknown): Row | undefined {
    const entry = this.shelf.find(key)
    return entry < 0 ? undefined : this.row(entry)
  }

  delete(key: unknown): Row | undefined {
    const row = this.get(key)
    this.shelf.remove(key)
    return row
  }

  range(from: unknown, to: unknown, order: ScanOrder = {}) {
    return this.shelf.range(from, to, order, this.#pair)
  }

  prefix(prefix: unknown, order: ScanOrder = {}) {
    return this.shelf.prefix(prefix, order, this.#pair)
  }

  all(order: ScanOrder = {}) {
    return this.shelf.scan(undefined, undefined, order, this.#pair)
  }

  /** Undefined for an entry that has none. */
  protected abstract row(entry: number): Row | undefined

  readonly #pair = (entry: number): Pair<unknown, Row> | undefined => {
    const row = this.row(entry)
    return row === undefined ? undefined : [this.shelf.keyOf(entry), row]
  }
}

export class KeyValueCell extends RowCell<unknown> implements KeyValueStore<unknown, unknown> {
  put(key: unknown, value: unknown): void {
    this.shelf.entries.write(this.shelf.entryOf(key), value)
  }

  putIfAbsent(key: unknown, value: unknown): unknown {
    const present = this.get(key)
    if (present === undefined) this.put(key, value)
    return present
  }

  protected override row(entry: number): unknown {
    return this.shelf.entries.read(entry)
  }
}

export class TimestampedCell
  extends RowCell<Timestamped<unknown>>
  implements TimestampedStore<unknown, unknown>
{
  readonly #moment: Moment

  constructor(entries: StateEntries, moment: Moment) {
    super(entries)
    this.#moment = moment
  }

  put(key: unknown, value: unknown, timestamp = this.#moment.recordMs): void {
    this.shelf.entries.writeAt(this.shelf.entryOf(key), value, timestamp)
  }

  protected override row(entry: number): Timestamped<unknown> | undefined {
    const { entries } = this.shelf
    const timestamp = entries.buffer.timeOf(entry)
    const value = entries.read(entry)
    return value === undefined ? undefined : { value, timestamp }
  }
}

export class WindowedCell implements WindowedStore<unknown, unknown> {
  readonly #shelf: Shelf

  constructor(entries: StateEntries) {
    this.#shelf = new Shelf(entries)
  }

  get(key: unknown, start: number): unknown {
    return this.#shelf.read([key, start])
  }

  put(key: unknown, value: unknown, start: number): void {
    const { entries } = this.#shelf
    // Kafka Streams drops what is written to a window that its retention has ended, too.
    if (entries.lifetime.isOver(start)) return
    entries.writeAt(this.#shelf.entryOf([key, start]), value, start)
  }

  delete(key: unknown, start: number): void {
    this.#shelf.remove([key, start])
  }

  fetch(key: unknown, from: number, to: number, order: ScanOrder = {}) {
    return this.#shelf.range([key, from], [key, to], order, (entry) => {
      const value = this.#shelf.entries.read(entry)
      const found = this.#shelf.keyOf(entry)
      if (value === undefined || !Array.isArray(found)) return undefined
      return windowOf(Number(found[1]), value)
    })
  }
}

export class SessionCell implements SessionStore<unknown, unknown> {
  readonly #shelf: Shelf

  constructor(entries: StateEntries) {
    this.#shelf = new Shelf(entries)
  }

  get(key: unknown, session: Session): unknown {
    return this.#shelf.read([key, session])
  }

  put(key: unknown, value: unknown, session: Session): void {
    const { entries } = this.#shelf
    if (entries.lifetime.isOver(session.end)) return
    entries.writeAt(this.#shelf.entryOf([key, session]), value, session.end)
  }

  delete(key: unknown, session: Session): void {
    this.#shelf.remove([key, session])
  }

  find(key: unknown, earliestEnd: number, latestStart: number, order: ScanOrder = {}) {
    const { limit = Number.POSITIVE_INFINITY, reverse = false } = order
    const from = [key, { start: Number.MIN_SAFE_INTEGER, end: earliestEnd }]
    const to = [key, { start: Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER }]
    const found = this.#shelf.range(from, to, { reverse }, (entry) => {
      const session = sessionOf(this.#shelf.keyOf(entry))
      if (session === undefined || session.start > latestStart) return undefined
      const value = this.#shelf.entries.read(entry)
      return value === undefined ? undefined : pairOf(session, value)
    })
    return found.slice(0, limit)
  }
}

function windowOf(start: number, value: unknown): Pair<number, unknown> {
  return [start, value]
}

function pairOf(session: Session, value: unknown): Pair<Session, unknown> {
  return [session, value]
}

function sessionOf(key: unknown): Session | undefined {
  const span: unknown = Array.isArray(key) ? key[1] : undefined
  if (typeof span !== 'object' || span === null) return undefined
  if (!('start' in span) || !('end' in span)) return undefined
  return { start: Number(span.start), end: Number(span.end) }
}
