import { type Duration, durationMs } from '../../model/duration.ts'
import type { Header } from '../../model/record.ts'
import type { Serde } from '../../serde/serde.ts'
import type { BroadcastTurn } from '../../state/kinds/broadcast-cell.ts'
import type { KeyCursor } from '../../state/kinds/key-cursor.ts'
import type { Moment } from '../../state/kinds/moment.ts'
import type { TimerClock, TimerStore } from '../../state/kinds/timer-store.ts'
import type { OutputTag } from '../output-tag.ts'
import type { Slot } from '../slot.ts'
import type { TaskTurn } from '../turn.ts'
import type { KeyedContext, Punctuation, StoreDeclaration, Timers } from './contexts.ts'
import type { Emitter } from './emitter.ts'
import type { ClockPunctuations } from './punctuations.ts'
import type { ProcessSpec } from './spec.ts'

export interface LiveParts {
  readonly spec: ProcessSpec
  readonly cursor: KeyCursor
  readonly moment: Moment
  readonly turn: TaskTurn
  readonly emitter: Emitter
  readonly timers: TimerStore | undefined
  readonly punctuations: ClockPunctuations
  readonly state: Readonly<Record<string, unknown>>
  readonly broadcast: Readonly<Record<string, unknown>>
  readonly broadcastTurn: BroadcastTurn
  /** What `store` answers, by the stores' names. */
  readonly shared: ReadonlyMap<string, unknown>
}

/** The context of one operator in one task, which its step fills again for each call. */
export class LiveContext implements KeyedContext<unknown, unknown, unknown> {
  readonly state: Readonly<Record<string, unknown>>
  readonly broadcast: Readonly<Record<string, unknown>>
  readonly timers: Timers
  /** The record in work, or what stands for a timer or punctuation. */
  record: Slot
  /** False in a punctuation and at the start: there is nothing to follow. */
  following = false
  readonly #parts: LiveParts
  readonly #serde: Serde<unknown>
  #key: unknown = null
  #keyTurn = -1

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#serde = parts.spec.key
    this.state = parts.state
    this.broadcast = parts.broadcast
    this.record = parts.emitter.slot
    this.timers = new KeyTimers(parts)
  }

  get key(): unknown {
    const { cursor, spec, broadcastTurn } = this.#parts
    if (broadcastTurn.writing) return this.record.key()
    if (spec.mode !== 'keyed') return this.following ? this.record.key() : null
    if (this.#keyTurn === cursor.turn) return this.#key
    const { bytes, start, end } = cursor
    this.#key = end < start ? null : this.#serde.deserialize(bytes.subarray(start, end))
    this.#keyTurn = cursor.turn
    return this.#key
  }

  get timestamp(): number {
    return this.#parts.moment.recordMs
  }

  get watermark(): number {
    return this.#parts.moment.watermark
  }

  get wallTime(): number {
    return this.#parts.moment.wallMs
  }

  get topic(): string {
    return this.record.topic
  }

  get partition(): number {
    return this.record.partition
  }

  get offset(): number {
    return this.record.offset
  }

  get headers(): readonly Header[] {
    return this.record.headers
  }

  /** In the mode `records` the key comes before the time. */
  emit(value: unknown, second?: unknown, third?: unknown): void {
    const { spec, emitter } = this.#parts
    if (spec.mode === 'records') {
      emitter.emit(value, this.#timeOf(third), second ?? null)
      return
    }
    this.#checkKey()
    emitter.emit(value, this.#timeOf(second))
  }

  store<H>(declaration: StoreDeclaration<H>): H
  store(declaration: StoreDeclaration<unknown>): unknown {
    const { name } = declaration.store
    const found = this.#parts.shared.get(name)
    if (found !== undefined) return found
    throw new Error(`"${name}" is not among the operator's stores`)
  }

  side<T>(tag: OutputTag<T>, value: T, timestamp?: number): void {
    this.#checkKey()
    this.#parts.emitter.side(tag, value, this.#timeOf(timestamp))
  }

  commit(): void {
    this.#parts.turn.commitAsked = true
  }

  every(
    interval: Duration,
    clock: TimerClock,
    fn: (time: number) => void,
    options: { readonly offset?: Duration } = {},
  ): Punctuation {
    const { moment, punctuations, spec } = this.#parts
    const intervalMs = durationMs(interval, 'the interval of every()')
    const offsetMs = durationMs(options.offset ?? 0, 'the offset of every()')
    if (intervalMs < 1) throw new RangeError('the interval of every() is less than 1 ms')
    if (clock === 'event') checkTimed(spec)
    const now = clock === 'event' ? moment.watermark : moment.wallMs
    return punctuations[clock].add(intervalMs, offsetMs, now, fn)
  }

  #checkKey(): void {
    if (this.following) return
    throw new Error('what is emitted has the key of a record or timer, and there is none in work')
  }

  #timeOf(timestamp: unknown): number {
    if (timestamp === undefined) return this.#parts.moment.recordMs
    const isTime = typeof timestamp === 'number' && Number.isSafeInteger(timestamp)
    if (isTime && timestamp >= 0) return timestamp
    throw new RangeError(`${JSON.stringify(timestamp)} is not whole milliseconds since 1970`)
  }
}

class KeyTimers implements Timers {
  readonly #parts: LiveParts

  constructor(parts: LiveParts) {
    this.#parts = parts
  }

  eventTime(time: number): void {
    checkTimed(this.#parts.spec)
    this.#store(time).add('event', time, this.#parts.cursor, this.#now)
  }

  wallTime(time: number): void {
    this.#store(time).add('wall', time, this.#parts.cursor, this.#now)
  }

  deleteEventTime(time: number): void {
    this.#store(time).delete('event', time, this.#parts.cursor, this.#now)
  }

  deleteWallTime(time: number): void {
    this.#store(time).delete('wall', time, this.#parts.cursor, this.#now)
  }

  get #now(): number {
    return Math.max(0, this.#parts.moment.recordMs)
  }

  #store(time: number): TimerStore {
    const { timers } = this.#parts
    if (timers === undefined) throw new Error('timers need an onTimer to be handled by')
    if (Number.isSafeInteger(time)) return timers
    throw new RangeError(`${time} is not a time in whole milliseconds`)
  }
}

function checkTimed({ timed }: ProcessSpec): void {
  if (timed) return
  throw new Error(
    'event time never comes: no source upstream gives a watermark; give t.stream() the option ' +
      'watermark, as monotonous()',
  )
}
