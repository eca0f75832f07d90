import { sequenceBytes } from '../../serde/sequenced.ts'
import { Encoded } from '../encoded.ts'
import type { Failures, TaskScope } from '../failures.ts'
import { Origin } from '../origin.ts'
import { reducerSeesKey } from '../reads-key.ts'
import { Slot } from '../slot.ts'
import type { StreamJoinSpec } from '../spec.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'
import type { Buffered } from './buffered.ts'

export interface JoinPlace {
  readonly scope: TaskScope
  readonly partition: number
}

interface Sides {
  readonly left: Buffered
  readonly right: Buffered
}

/**
 * Joins the records of two streams whose times are within a distance of each other. A record is
 * kept, and open, until the watermark has passed the last time that a partner can have, plus grace;
 * two are joined when the second one's turn comes while both are open. One that comes when it would
 * be closed already is late. Left and outer joins tell a record without a partner once, when it
 * closes (KIP-633), and one without a key at once (KIP-962); a record without a value is left out.
 */
export class StreamJoinStep implements Timed {
  /** Where the records of either stream enter. */
  readonly left: Step
  readonly right: Step
  readonly #sides: Sides
  readonly #tells: { readonly left: boolean; readonly right: boolean }
  readonly #join: Joining

  constructor(
    spec: StreamJoinSpec,
    sides: Sides,
    place: JoinPlace,
    failures: Failures,
    next: Step,
  ) {
    this.#sides = sides
    this.#tells = { left: spec.side !== 'inner', right: spec.side === 'outer' }
    this.#join = new Joining(spec, place, failures, next)
    this.left = new JoinSide(this.#join, spec, 'left', sides)
    this.right = new JoinSide(this.#join, spec, 'right', sides)
  }

  advance(watermark: number): void {
    const { left, right } = this.#sides
    left.store.timed.advance(watermark)
    right.store.timed.advance(watermark)
    this.#tellAlone()
    left.store.timed.release()
    right.store.timed.release()
  }

  /** In the order of their times, the left ones first. */
  #tellAlone(): void {
    const { left, right } = this.#sides
    let onLeft = this.#tells.left ? left.nextAlone() : -1
    let onRight = this.#tells.right ? right.nextAlone() : -1
    while (onLeft >= 0 || onRight >= 0) {
      const leftFirst =
        onRight < 0 || (onLeft >= 0 && timeOf(left, onLeft) <= timeOf(right, onRight))
      if (leftFirst) {
        this.#join.alone(left, onLeft, true)
        onLeft = left.nextAlone()
      } else {
        this.#join.alone(right, onRight, false)
        onRight = right.nextAlone()
      }
    }
  }
}

function timeOf({ store }: Buffered, entry: number): number {
  return store.timed.timeOf(entry)
}

/** What a join does with the records of one stream. */
class JoinSide implements Step {
  readonly #join: Joining
  readonly #isLeft: boolean
  /** A record without a key can have no partner: it is told at once, or left out. */
  readonly #tellsAlone: boolean
  readonly #own: Buffered
  readonly #other: Buffered
  readonly #backMs: number
  readonly #aheadMs: number
  readonly #key: Encoded

  constructor(join: Joining, spec: StreamJoinSpec, which: 'left' | 'right', sides: Sides) {
    const { beforeMs, afterMs } = spec.within
    this.#join = join
    this.#isLeft = which === 'left'
    this.#tellsAlone = spec.side === 'outer' || (spec.side === 'left' && this.#isLeft)
    this.#own = this.#isLeft ? sides.left : sides.right
    this.#other = this.#isLeft ? sides.right : sides.left
    this.#backMs = this.#isLeft ? beforeMs : afterMs
    this.#aheadMs = this.#isLeft ? afterMs : beforeMs
    this.#key = new Encoded(spec.key)
  }

  process(record: Slot): void {
    const value = record.valueIsNull ? null : record.value()
    if (value === null || (record.keyIsNull && !this.#tellsAlone)) {
      this.#join.drop()
      return
    }
    if (record.keyIsNull) {
      this.#join.pair(record, value, null, record.timestamp, this.#isLeft)
      return
    }
    const key = this.#key
    if (!this.#join.takeKey(key, record)) return
    const { timestamp } = record
    const own = this.#own.store
    if (own.timed.isClosed(timestamp)) {
      this.#join.late()
      return
    }
    own.takeKey(key.bytes, key.start, key.end)
    const partners = this.#partners(timestamp)
    for (let at = 0; at < partners.length; at += 1) {
      const partner = partners[at] ?? -1
      const time = Math.max(timestamp, timeOf(this.#other, partner))
      const joined = this.#other.value(partner)
      // A record that its policy leaves out is not kept either.
      if (!this.#join.pair(record, value, joined, time, this.#isLeft)) return
      this.#other.join(partner)
    }
    this.#own.add(timestamp, value, partners.length > 0)
  }

  #partners(timestamp: number): readonly number[] {
    const { store } = this.#other
    const key = this.#key
    store.takeKey(key.bytes, key.start, key.end)
    const from = Math.max(timestamp - this.#backMs, store.timed.openAfter + 1)
    return store.within(from, timestamp + this.#aheadMs)
  }
}

/** What both sides of a join, and a stream with itself, have in common. */
export class Joining {
  readonly #spec: StreamJoinSpec
  readonly #seesKey: boolean
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()
  readonly #closed = new Slot()

  constructor(
    spec: StreamJoinSpec,
    { scope, partition }: JoinPlace,
    failures: Failures,
    next: Step,
  ) {
    this.#spec = spec
    this.#seesKey = reducerSeesKey(spec.fn)
    this.#counters = scope.counters
    this.#failures = failures
    this.#next = next
    this.#closed.origin = new Origin(spec.stores[0]?.name ?? '', partition)
  }

  drop(): void {
    this.#counters.dropped += 1
  }

  late(): void {
    this.#counters.late += 1
  }

  /** False where the record is left out, as its policy says. */
  takeKey(key: Encoded, record: Slot): boolean {
    return key.tryKey(record, this.#failures)
  }

  /** Joins a record with another one's value; false where it is left out. */
  pair(record: Slot, value: unknown, other: unknown, time: number, isLeft: boolean): boolean {
    let joined: unknown
    try {
      const key = this.#seesKey ? record.key() : undefined
      joined = isLeft ? this.#spec.fn(value, other, key) : this.#spec.fn(other, value, key)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return false
    }
    const out = this.#out
    out.origin = record.origin
    out.timestamp = time
    out.takeKey(record)
    out.setValue(joined)
    this.#next.process(out)
    return true
  }

  /** Tells a record that has closed without a partner, at its own time. */
  alone(side: Buffered, entry: number, isLeft: boolean): void {
    const { timed } = side.store
    const { buffer } = timed
    const out = this.#closed
    out.timestamp = timed.timeOf(entry)
    const keyEnd = buffer.keyEnd(entry) - sequenceBytes
    out.setRawKey(this.#spec.key, buffer.keyBytes(entry), buffer.keyStart(entry), keyEnd)
    this.pair(out, side.value(entry), null, out.timestamp, isLeft)
  }
}
