import type { KeyedTimes } from '../../state/keyed-times.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import { type Add, adderOf, foldSeesKey } from '../fold.ts'
import type { JoinPlace } from '../join/stream-stream.ts'
import { Origin } from '../origin.ts'
import { Slot } from '../slot.ts'
import type { SlidingAggregateSpec } from '../spec.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'
import { SlidingPlan } from './sliding-plan.ts'

/**
 * Folds records into windows as Kafka Streams' SlidingWindows: for each record of a key one that
 * ends with it, and one that begins right behind it if that has records; windows with the same
 * records twice are so left out. A window closes when the watermark reaches its last time plus
 * grace, and tells nothing from then on; it is still kept up to date while windows that are open
 * may begin from what it has. A record is late when the window behind it has closed.
 */
export class SlidingAggregateStep implements Step, Timed {
  readonly #spec: SlidingAggregateSpec
  readonly #windows: KeyedTimes<ObjectColumn>
  readonly #place: JoinPlace
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #add: Add
  readonly #seesKey: boolean
  /** A count's records may have come without their values. */
  readonly #seesValue: boolean
  readonly #sendsOld: boolean
  readonly #plan: SlidingPlan
  /**
   * For `emit: 'commit'`: windows that changed in this epoch while they were open, with what they
   * had told before.
   */
  readonly #toTell = new Map<number, unknown>()
  readonly #out = new Slot()
  readonly #final = new Slot()

  constructor(
    spec: SlidingAggregateSpec,
    windows: KeyedTimes<ObjectColumn>,
    place: JoinPlace,
    failures: Failures,
    next: Step,
    sendsOld: boolean,
  ) {
    this.#spec = spec
    this.#windows = windows
    this.#place = place
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.key)
    this.#add = adderOf(spec.function)
    this.#seesValue = spec.function.kind !== 'count'
    this.#seesKey = foldSeesKey(spec.function)
    this.#sendsOld = sendsOld
    this.#plan = new SlidingPlan(windows.timed, spec.sliding.differenceMs)
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
    const { timestamp } = record
    const windows = this.#windows
    if (windows.timed.isClosed(timestamp + 1)) {
      counters.late += 1
      return
    }
    windows.takeKey(key.bytes, key.start, key.end)
    const { differenceMs } = this.#spec.sliding
    this.#plan.make(timestamp, windows.within(timestamp - 2 * differenceMs, timestamp + 1))
    this.#carryOut(record)
  }

  advance(watermark: number): void {
    const { timed } = this.#windows
    timed.advance(watermark)
    if (this.#spec.emit !== 'update') {
      for (let entry = timed.next(); entry >= 0; entry = timed.next()) this.#close(entry)
    }
    timed.release()
  }

  /** What changes behind this is not told any more, so a change that waits for the cut is now. */
  #close(entry: number): void {
    this.#final.old = this.#toTell.get(entry) ?? null
    if (this.#spec.emit === 'final' || !this.hides(entry)) this.#give(this.#final, entry)
  }

  /** Going back takes what epochs changed with it. */
  restart(): void {
    this.#toTell.clear()
  }

  /** At a cut: true for a window that had closed before it changed. */
  hides(entry: number): boolean {
    return !this.#toTell.delete(entry)
  }

  #carryOut(record: Slot): void {
    const { column } = this.#windows.timed.buffer
    const { containing, newRight, newLeft, newBehind, rightFrom, leftFrom } = this.#plan
    const { timestamp } = record
    // Before the record is in them.
    const right = newRight === undefined ? undefined : column.copy(rightFrom)
    const rightTime = newRight === undefined ? 0 : this.#windows.timed.buffer.timeOf(rightFrom)
    const left = leftFrom < 0 ? undefined : column.copy(leftFrom)
    for (let at = 0; at < containing.length; at += 1) {
      // A record that its policy leaves out is left out of its later windows too.
      if (!this.#fold(record, containing[at] ?? -1)) return
    }
    if (newBehind !== undefined && !this.#begin(record, newBehind, undefined)) return
    if (newLeft !== undefined && !this.#begin(record, newLeft, left)) return
    if (newRight === undefined) return
    const entry = this.#entryAt(newRight)
    this.#set(record, entry, right, Math.max(rightTime, timestamp), null)
  }

  /** Adds the record to a window that there is. */
  #fold(record: Slot, entry: number): boolean {
    const { buffer } = this.#windows.timed
    const { column } = buffer
    const old = this.#sendsOld ? column.copy(entry) : null
    const before = this.#failures.fatal ? undefined : column.snapshot(entry)
    const folded = this.#folded(record, column.read(entry))
    if (folded === undefined) {
      if (!this.#failures.fatal) column.resume(entry, before)
      return false
    }
    const time = Math.max(buffer.timeOf(entry), record.timestamp)
    this.#set(record, entry, folded.value, time, old)
    return true
  }

  /** Begins a window with the record, on top of what another one has. */
  #begin(record: Slot, startMs: number, from: unknown): boolean {
    const folded = this.#folded(record, from)
    if (folded === undefined) return false
    this.#set(record, this.#entryAt(startMs), folded.value, record.timestamp, null)
    return true
  }

  /** Undefined where the record is left out. */
  #folded(record: Slot, aggregate: unknown): { readonly value: unknown } | undefined {
    try {
      const key = this.#seesKey ? record.key() : undefined
      const value = this.#add(aggregate, this.#seesValue ? record.value() : null, key)
      const isShared = this.#spec.function.kind === 'reduce' && aggregate === undefined
      return { value: isShared ? this.#copyOf(value) : value }
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return undefined
    }
  }

  /** Windows must not share an aggregate that a reducer may change in place. */
  #copyOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const { value: serde } = this.#spec.store
    return serde.deserialize(serde.serialize(value))
  }

  #entryAt(startMs: number): number {
    this.#windows.putTime(startMs)
    const entry = this.#windows.entry()
    this.#windows.timed.list(entry, startMs)
    return entry
  }

  #set(record: Slot, entry: number, value: unknown, time: number, old: unknown): void {
    const { timed } = this.#windows
    timed.buffer.touch(entry, time)
    timed.buffer.column.set(entry, value)
    if (this.#spec.emit === 'final' || timed.isClosed(timed.timeOf(entry))) return
    if (this.#spec.emit === 'commit') {
      if (!this.#toTell.has(entry)) this.#toTell.set(entry, old)
      return
    }
    this.#out.origin = record.origin
    this.#out.old = old
    this.#give(this.#out, entry)
  }

  #give(out: Slot, entry: number): void {
    const { buffer } = this.#windows.timed
    out.timestamp = buffer.timeOf(entry)
    const keyEnd = buffer.keyEnd(entry)
    out.setRawKey(buffer.spec.key, buffer.keyBytes(entry), buffer.keyStart(entry), keyEnd)
    out.setValue(buffer.column.read(entry))
    this.#next.process(out)
  }
}
