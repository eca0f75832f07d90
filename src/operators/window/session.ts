import type { ObjectColumn } from '../../state/object-column.ts'
import type { SessionStore } from '../../state/session-store.ts'
import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import { type Add, adderOf, foldSeesKey } from '../fold.ts'
import type { JoinPlace } from '../join/stream-stream.ts'
import { Origin } from '../origin.ts'
import { reducerSeesKey } from '../reads-key.ts'
import { Slot } from '../slot.ts'
import type { SessionAggregateSpec } from '../spec.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'

/**
 * Folds the records of a key that are at most a gap apart into one session, from the first one's
 * time to the last one's. A record that fills the gap between two merges them. A session closes
 * when the watermark reaches its end plus gap and grace; a record is late that would be a closed
 * session of its own. A session that grows becomes another one: with `emit: 'update'` the one
 * before it is deleted first, as in Kafka Streams' KStreamSessionWindowAggregate; what is told has
 * the time of the session's end.
 */
export class SessionAggregateStep implements Step, Timed {
  readonly #spec: SessionAggregateSpec
  readonly #store: SessionStore<ObjectColumn>
  readonly #place: JoinPlace
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #add: Add
  readonly #sendsOld: boolean
  readonly #seesKey: boolean
  /** A count's records may have come without their values. */
  readonly #seesValue: boolean
  readonly #out = new Slot()
  readonly #final = new Slot()

  constructor(
    spec: SessionAggregateSpec,
    store: SessionStore<ObjectColumn>,
    place: JoinPlace,
    failures: Failures,
    next: Step,
    sendsOld: boolean,
  ) {
    this.#spec = spec
    this.#sendsOld = sendsOld && spec.emit === 'update'
    this.#store = store
    this.#place = place
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.key)
    this.#add = adderOf(spec.function)
    this.#seesValue = spec.function.kind !== 'count'
    this.#seesKey = foldSeesKey(spec.function) || reducerSeesKey(spec.merge)
    this.#final.origin = new Origin(spec.store.name, place.partition)
  }

  process(record: Slot): void {
    const { counters } = this.#place.scope
    if (record.keyIsNull || record.valueIsNull) {
      counters.dropped += 1
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    const store = this.#store
    const { timestamp } = record
    store.takeKey(key.bytes, key.start, key.end)
    const near = store.near(timestamp, this.#spec.session.gapMs)
    if (near.length === 0 && store.timed.isClosed(timestamp)) {
      counters.late += 1
      return
    }
    this.#fold(record, near)
  }

  advance(watermark: number): void {
    const { timed } = this.#store
    timed.advance(watermark)
    if (this.#spec.emit === 'final') {
      for (let entry = timed.next(); entry >= 0; entry = timed.next())
        this.#give(this.#final, entry)
    }
    timed.release()
  }

  /** @param near None, one or two sessions that the record belongs to. */
  #fold(record: Slot, near: readonly number[]): void {
    const store = this.#store
    const { column } = store.timed.buffer
    const before = this.#failures.fatal ? undefined : near.map((one) => column.snapshot(one))
    const olds = this.#sendsOld ? near.map((one) => column.copy(one)) : undefined
    let value: unknown
    try {
      value = this.#folded(record, near)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      before?.forEach((snapshot, at) => column.resume(near[at] ?? -1, snapshot))
      return
    }
    let start = record.timestamp
    let end = record.timestamp
    for (const one of near) {
      start = Math.min(start, store.startOf(one))
      end = Math.max(end, store.endOf(one))
    }
    const entry = store.entryAt(start, end)
    let old: unknown = null
    near.forEach((one, at) => {
      const was = olds?.[at] ?? null
      if (one === entry) old = was
      else this.#remove(record, one, was)
    })
    store.timed.buffer.touch(entry, end)
    column.set(entry, value)
    store.timed.list(entry, end)
    this.#tell(record, entry, old)
  }

  #folded(record: Slot, near: readonly number[]): unknown {
    const { column } = this.#store.timed.buffer
    const key = this.#seesKey ? record.key() : undefined
    const [first, second] = near
    let aggregate = first === undefined ? undefined : column.read(first)
    if (second !== undefined) aggregate = this.#spec.merge(aggregate, column.read(second), key)
    return this.#add(aggregate ?? undefined, this.#seesValue ? record.value() : null, key)
  }

  /** A session that is a part of another one now. */
  #remove(record: Slot, entry: number, old: unknown): void {
    const { buffer } = this.#store.timed
    buffer.touch(entry, buffer.timeOf(entry))
    buffer.column.set(entry, null)
    this.#tell(record, entry, old)
  }

  #tell(record: Slot, entry: number, old: unknown): void {
    if (this.#spec.emit !== 'update') return
    this.#out.origin = record.origin
    this.#out.old = old
    this.#give(this.#out, entry)
  }

  #give(out: Slot, entry: number): void {
    const { buffer } = this.#store.timed
    out.timestamp = this.#store.endOf(entry)
    const keyEnd = buffer.keyEnd(entry)
    out.setRawKey(buffer.spec.key, buffer.keyBytes(entry), buffer.keyStart(entry), keyEnd)
    out.setValue(buffer.column.read(entry))
    this.#next.process(out)
  }
}
