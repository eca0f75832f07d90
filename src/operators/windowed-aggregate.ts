import { firstStart, lastStart } from '../time/windows.ts'
import type { WindowSegment } from '../state/window-segment.ts'
import type { WindowStore } from '../state/window-store.ts'
import { Encoded } from './encoded.ts'
import type { Failures, TaskScope } from './failures.ts'
import type { Folding } from './folding.ts'
import { Origin } from './origin.ts'
import { Slot } from './slot.ts'
import type { WindowedAggregateSpec } from './spec.ts'
import type { Step } from './step.ts'
import type { Timed } from './timed.ts'

export interface WindowedParts {
  readonly store: WindowStore
  readonly folding: Folding
  /** Each change says the value before. */
  readonly sendsOld: boolean
}

/**
 * Folds each record into the windows that its timestamp is in and that have not closed. A window
 * closes when the watermark reaches `end + grace − 1` (Flink's cleanup time); a record is late that
 * none of its windows takes any more. With `emit: 'final'` a window tells each of its keys once,
 * when it closes, at the time of its last change as Kafka Streams' EmitStrategy.onWindowClose.
 */
export class WindowedAggregateStep implements Step, Timed {
  readonly #spec: WindowedAggregateSpec
  readonly #store: WindowStore
  readonly #folding: Folding
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #sendsOld: boolean
  readonly #out = new Slot()
  readonly #final = new Slot()

  constructor(
    spec: WindowedAggregateSpec,
    { store, folding, sendsOld }: WindowedParts,
    { scope, partition }: { readonly scope: TaskScope; readonly partition: number },
    failures: Failures,
    next: Step,
  ) {
    this.#spec = spec
    this.#store = store
    this.#folding = folding
    this.#counters = scope.counters
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.key)
    this.#sendsOld = sendsOld && spec.emit === 'update'
    this.#final.origin = new Origin(spec.store.name, partition)
  }

  process(record: Slot): void {
    if (record.keyIsNull || record.valueIsNull) {
      this.#counters.dropped += 1
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    const store = this.#store
    const { window } = this.#spec
    const last = lastStart(record.timestamp, window)
    if (store.isLate(last)) {
      this.#counters.late += 1
      return
    }
    store.takeKey(key.bytes, key.start, key.end)
    let start = window.advanceMs === window.sizeMs ? last : firstStart(record.timestamp, window)
    for (; start <= last; start += window.advanceMs) {
      if (store.isLate(start)) continue
      const entry = store.entryAt(start)
      const old = this.#sendsOld ? this.#folding.copy(entry) : null
      // A record that its policy leaves out is left out of its later windows too.
      if (!this.#folding.fold(entry, record)) return
      if (this.#spec.emit === 'update') this.#emit(record, entry, old)
    }
  }

  advance(watermark: number): void {
    const store = this.#store
    for (;;) {
      const closed = store.close(watermark)
      if (closed === undefined) return
      if (this.#spec.emit === 'final') this.#emitFinal(closed)
    }
  }

  #emit(record: Slot, entry: number, old: unknown): void {
    const out = this.#out
    const { buffer, keyBytes, keyEnd } = this.#store
    out.origin = record.origin
    out.timestamp = buffer.timeOf(entry)
    out.setRawKey(buffer.spec.key, keyBytes, 0, keyEnd)
    out.old = old
    this.#folding.give(entry, out)
    this.#next.process(out)
  }

  #emitFinal(window: WindowSegment): void {
    this.#store.load(window)
    const out = this.#final
    const { buffer } = this.#store
    for (let at = 0; at < window.count; at += 1) {
      const entry = window.entry(at)
      if (!buffer.loads(entry)) continue
      out.timestamp = buffer.timeOf(entry)
      const bytes = buffer.keyBytes(entry)
      out.setRawKey(buffer.spec.key, bytes, buffer.keyStart(entry), buffer.keyEnd(entry))
      this.#folding.give(entry, out)
      this.#next.process(out)
    }
  }
}
