import { murmur2 } from '../model/murmur2.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { Failures, TaskScope } from './failures.ts'
import { reducerSeesKey, seesKey } from './reads-key.ts'
import { Slot } from './slot.ts'
import type { GlobalJoinSpec } from './spec.ts'
import type { Step } from './step.ts'

/**
 * Joins each record with the row of a global table that it points to, as that is now: how far the
 * table has been read does not depend on the record's time. As Kafka Streams'
 * KStreamGlobalKTableJoin: a record without a value is left out, and one that points to nothing
 * too, but for a left join.
 */
export class GlobalJoinStep implements Step {
  readonly #spec: GlobalJoinSpec
  readonly #table: EpochBuffer
  readonly #onSeesKey: boolean
  readonly #fnSeesKey: boolean
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #next: Step
  readonly #out = new Slot()

  constructor(
    spec: GlobalJoinSpec,
    table: EpochBuffer,
    { counters }: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#spec = spec
    this.#table = table
    this.#onSeesKey = seesKey(spec.on)
    this.#fnSeesKey = reducerSeesKey(spec.fn)
    this.#counters = counters
    this.#failures = failures
    this.#next = next
  }

  process(record: Slot): void {
    if (record.valueIsNull) {
      this.#counters.dropped += 1
      return
    }
    const isLeft = this.#spec.side === 'left'
    let joined: unknown
    try {
      const key = this.#spec.on(record.value(), this.#onSeesKey ? record.key() : undefined, record)
      const row = key === null || key === undefined ? null : this.#rowOf(key)
      if (row === null && !isLeft) {
        if (key === null || key === undefined) this.#counters.dropped += 1
        return
      }
      joined = this.#spec.fn(record.value(), row, this.#fnSeesKey ? record.key() : undefined)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    const out = this.#out
    out.follow(record)
    out.takeKey(record)
    out.setValue(joined)
    this.#next.process(out)
  }

  #rowOf(key: unknown): unknown {
    const bytes = this.#table.spec.key.serialize(key)
    const end = bytes.length
    const entry = this.#table.find(bytes, 0, end, murmur2(bytes, 0, end))
    return entry < 0 ? null : this.#table.column.read(entry)
  }
}
