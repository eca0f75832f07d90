import { assert, StreamError } from '../../model/errors.ts'
import { Held } from '../../serde/held.ts'
import { timeBytes } from '../../serde/timed.ts'
import type { KeyedTimes } from '../../state/keyed-times.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import type { JoinPlace } from '../join/stream-stream.ts'
import { Origin } from '../origin.ts'
import { Slot } from '../slot.ts'
import type { SuppressSpec } from '../spec.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'
import { Room } from './room.ts'

/**
 * Keeps the changes of a table back, the last one of each key, as Kafka Streams'
 * KTableSuppressProcessor: until some time after the first one that it keeps, or until the key's
 * window has closed. Deletions of windows are not told: what they delete never was.
 */
export class SuppressStep implements Step, Timed {
  readonly #spec: SuppressSpec
  readonly #kept: KeyedTimes<ObjectColumn>
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #out = new Slot()
  readonly #room: Room

  constructor(
    spec: SuppressSpec,
    kept: KeyedTimes<ObjectColumn>,
    { partition }: JoinPlace,
    failures: Failures,
    next: Step,
  ) {
    this.#spec = spec
    this.#kept = kept
    this.#room = new Room(spec, kept.timed)
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.key)
    this.#out.origin = new Origin(spec.store.name, partition)
  }

  process(record: Slot): void {
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    const kept = this.#kept
    kept.takeKey(key.bytes, key.start, key.end)
    const { buffer } = kept.timed
    const entry = this.#entryOf(record)
    const time = kept.timed.timeOf(entry)
    const closed = kept.timed.isClosed(time)
    const isNew = buffer.column.read(entry) === undefined
    buffer.touch(entry, record.timestamp)
    buffer.column.set(entry, new Held(record.value()))
    kept.timed.list(entry, time)
    if (closed) {
      this.#tell(entry)
      return
    }
    this.#room.take(entry, isNew)
    if (this.#room.isExceeded) this.#makeRoom()
  }

  advance(watermark: number): void {
    const { timed } = this.#kept
    timed.advance(watermark)
    for (let entry = timed.next(); entry >= 0; entry = timed.next()) {
      this.#room.give(entry)
      this.#give(entry)
    }
    timed.release()
  }

  restart(): void {
    this.#room.recount()
  }

  /** Where the key's change is kept already, or is to be kept. */
  #entryOf(record: Slot): number {
    const { until } = this.#spec
    const kept = this.#kept
    if (until.kind === 'time-limit') {
      const [found] = kept.within(kept.timed.openAfter + 1, Number.MAX_SAFE_INTEGER - 1)
      if (found !== undefined) return found
      kept.putTime(record.timestamp)
    } else kept.putTime(endOf(record.key()) + until.afterEndMs)
    return kept.entry()
  }

  /** More than may be kept back. */
  #makeRoom(): void {
    if (this.#spec.whenFull === 'stop') throw this.#full()
    while (this.#room.isExceeded) {
      const entry = this.#kept.timed.earliest()
      if (entry < 0) return
      this.#room.give(entry)
      this.#tell(entry)
    }
  }

  #full(): StreamError {
    const { store, recordsMax, bytesMax } = this.#spec
    const limits = [
      ...(Number.isFinite(recordsMax) ? [`${recordsMax} keys`] : []),
      ...(Number.isFinite(bytesMax) ? [`${bytesMax} bytes`] : []),
    ]
    return new StreamError(
      'SUPPRESS_BUFFER_FULL',
      `suppress("${store.name}") keeps back changes of more than ${limits.join(' or ')}: raise ` +
        "maxRecords or maxBytes, or let it tell the oldest with whenFull: 'emit'",
      { domain: 'user', recovery: 'fatal', where: { node: store.name } },
    )
  }

  /** Tells a change now. */
  #tell(entry: number): void {
    const { buffer } = this.#kept.timed
    this.#give(entry)
    buffer.touch(entry, buffer.timeOf(entry))
    buffer.column.set(entry, null)
  }

  #give(entry: number): void {
    const { buffer } = this.#kept.timed
    const held = buffer.column.read(entry)
    assert(held instanceof Held, 'a change that is kept back is kept with its value')
    if (held.value === null && this.#spec.until.kind === 'window-closes') return
    const out = this.#out
    out.timestamp = buffer.timeOf(entry)
    const keyEnd = buffer.keyEnd(entry) - timeBytes
    out.setRawKey(this.#spec.key, buffer.keyBytes(entry), buffer.keyStart(entry), keyEnd)
    out.setValue(held.value)
    this.#next.process(out)
  }
}

function endOf(key: unknown): number {
  const end = typeof key === 'object' && key !== null && 'end' in key ? key.end : undefined
  assert(typeof end === 'number', 'only a table of windows is told when they close')
  return end
}
