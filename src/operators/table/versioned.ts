import type { VersionHistory } from '../../state/version-history.ts'
import { Encoded } from '../encoded.ts'
import type { Failures, TaskScope } from '../failures.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'
import type { VersionedTableSpec } from './spec.ts'
import type { TableView } from './view.ts'

/**
 * A table that knows what its rows were (KIP-889): a record counts from its time on, whenever it
 * comes. One that is older than all that is kept is dropped. A change that a later one has
 * superseded already is marked so: it is for the history, not for what follows from the rows now.
 */
export class VersionedTableStep implements Step, Timed {
  readonly #history: VersionHistory
  readonly #topic: string
  readonly #counters: TaskScope['counters']
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #out = new Slot()

  constructor(
    spec: VersionedTableSpec,
    history: VersionHistory,
    { counters }: TaskScope,
    failures: Failures,
    next: Step,
  ) {
    this.#history = history
    this.#topic = spec.topic
    this.#counters = counters
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(spec.key)
  }

  process(record: Slot): void {
    const history = this.#history
    // As the topic's partition counts its time: so it is the same after a restart.
    history.observed = Math.max(history.observed, record.timestamp)
    if (record.keyIsNull || !history.accepts(record.timestamp)) {
      this.#counters.dropped += 1
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    const { bytes, start, end } = key
    const old = history.latest(bytes, start, end)
    const out = this.#out
    out.superseded = !history.put(bytes, start, end, record.timestamp, record.value())
    out.follow(record)
    out.takeKey(record)
    out.takeValue(record)
    out.old = old
    this.#next.process(out)
  }

  advance(): void {
    // Only records move the time of a history.
  }

  restart(_watermark: number, _wallMs: number, streamTimeOf: (topic: string) => number): void {
    this.#history.observed = streamTimeOf(this.#topic)
  }
}

/** In front of a step that follows the rows as they are now. */
export class LatestOnly implements Step {
  readonly #step: Step
  readonly #counters: TaskScope['counters']

  constructor(step: Step, { counters }: TaskScope) {
    this.#step = step
    this.#counters = counters
  }

  process(record: Slot): void {
    if (record.superseded) this.#counters.dropped += 1
    else this.#step.process(record)
  }
}

/** A versioned table as it is looked up: at the present, or at a time. */
export class VersionedRows implements TableView {
  readonly #history: VersionHistory

  constructor(history: VersionHistory) {
    this.#history = history
  }

  get time(): number {
    return this.#history.from
  }

  read({ bytes, start, end }: Encoded): unknown {
    return this.#history.latest(bytes, start, end)
  }

  readAt({ bytes, start, end }: Encoded, _record: Slot, time: number): unknown {
    return this.#history.at(bytes, start, end, time)
  }
}
