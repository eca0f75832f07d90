import type { EpochBuffer } from '../epoch-buffer.ts'
import type { Moment } from './moment.ts'

/**
 * How long an entry of a state lives after its last use, by Flink's rules (StateTtlConfig):
 * `refresh` says which uses count, `show` whether an expired entry that is still there is answered,
 * once, since whoever meets it removes it. The time of the last use is the time of the store's
 * entry.
 */
export interface TtlSpec {
  readonly ttlMs: number
  readonly refresh: 'write' | 'read'
  readonly show: 'never-expired' | 'until-cleaned'
  /** `event`: uses have their record's timestamp, and the watermark ends what it has passed. */
  readonly clock: 'wall' | 'event'
}

/** The time by which entries of a state live; without a `TtlSpec` it only stamps them. */
export class Lifetime {
  readonly spec: TtlSpec | undefined
  readonly #moment: Moment

  constructor(spec: TtlSpec | undefined, moment: Moment) {
    this.spec = spec
    this.#moment = moment
  }

  /** The time that an entry which is used now gets. */
  stamp(buffer: EpochBuffer, entry: number): number {
    if (this.spec === undefined) return Math.max(0, this.#moment.recordMs)
    if (this.spec.clock === 'wall') return Math.max(0, this.#moment.wallMs)
    return Math.max(0, buffer.timeOf(entry), this.#moment.recordMs)
  }

  /** The time of a use now, of what has none of its own yet. */
  get now(): number {
    return Math.max(0, this.spec?.clock === 'wall' ? this.#moment.wallMs : this.#moment.recordMs)
  }

  /** Flink's TtlUtils.expired: at `time + ttl`, not only behind it. */
  isOver(timeMs: number): boolean {
    const { spec } = this
    if (spec === undefined) return false
    const now = spec.clock === 'wall' ? this.#moment.wallMs : this.#moment.watermark
    return timeMs + spec.ttlMs <= now
  }
}
