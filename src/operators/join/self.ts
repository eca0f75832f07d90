import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import type { Slot } from '../slot.ts'
import type { StreamJoinSpec } from '../spec.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'
import type { Buffered } from './buffered.ts'
import { type JoinPlace, Joining } from './stream-stream.ts'

/**
 * The inner join of a stream with itself, over one store (KIP-862): each record is joined, as the
 * left one, with those before it, then, as the right one, with those and itself. What comes out is
 * what two stores would give, and so is what is late: as the left one a record closes after the
 * time `after`, as the right one after `before`.
 */
export class SelfJoinStep implements Step, Timed {
  readonly #records: Buffered
  readonly #within: StreamJoinSpec['within']
  readonly #join: Joining
  readonly #key: Encoded

  constructor(
    spec: StreamJoinSpec,
    records: Buffered,
    place: JoinPlace,
    failures: Failures,
    next: Step,
  ) {
    this.#records = records
    this.#within = spec.within
    this.#join = new Joining(spec, place, failures, next)
    this.#key = new Encoded(spec.key)
  }

  process(record: Slot): void {
    const value = record.valueIsNull ? null : record.value()
    if (value === null || record.keyIsNull) {
      this.#join.drop()
      return
    }
    const key = this.#key
    if (!this.#join.takeKey(key, record)) return
    const { timestamp } = record
    const { store } = this.#records
    if (store.timed.isClosed(timestamp)) {
      this.#join.late()
      return
    }
    store.takeKey(key.bytes, key.start, key.end)
    const { beforeMs, afterMs, graceMs } = this.#within
    const leftsOpenAfter = store.timed.watermark - afterMs - graceMs
    const rightsOpenAfter = store.timed.watermark - beforeMs - graceMs
    if (timestamp > leftsOpenAfter) {
      const from = Math.max(timestamp - beforeMs, rightsOpenAfter + 1)
      if (!this.#pairs(record, value, from, timestamp + afterMs, true)) return
    }
    this.#records.add(timestamp, value, false)
    if (timestamp <= rightsOpenAfter) return
    const from = Math.max(timestamp - afterMs, leftsOpenAfter + 1)
    this.#pairs(record, value, from, timestamp + beforeMs, false)
  }

  advance(watermark: number): void {
    this.#records.store.timed.advance(watermark)
    this.#records.store.timed.release()
  }

  /** False where the record is left out, as its policy says. */
  #pairs(record: Slot, value: unknown, from: number, to: number, isLeft: boolean): boolean {
    const others = this.#records.store.within(from, to)
    for (let at = 0; at < others.length; at += 1) {
      const other = others[at] ?? -1
      const time = Math.max(record.timestamp, this.#records.store.timed.timeOf(other))
      if (!this.#join.pair(record, value, this.#records.value(other), time, isLeft)) return false
    }
    return true
  }
}
