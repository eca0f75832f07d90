/** What the functions of a process operator are given. */
import type { Duration } from '../../model/duration.ts'
import type { SharedSpec } from '../../state/kinds/shared-spec.ts'
import type { TimerClock } from '../../state/kinds/timer-store.ts'
import type { OutputTag } from '../output-tag.ts'
import type { RecordContext } from '../record.ts'

/**
 * Where and when a function of a process operator runs, and what it can do. One object for all
 * calls: what it says is valid during the call only. In `onTimer` and in punctuations there is no
 * record: the timestamp is the time that was asked for, the offset −1.
 */
export interface ProcessContext extends RecordContext {
  /** Milliseconds since 1970; −(2^53 − 1) before the first. */
  readonly watermark: number
  /** The machine's clock at the beginning of the task's turn, milliseconds since 1970. */
  readonly wallTime: number
  /** A store of the operator's `stores`. */
  store<H>(declaration: StoreDeclaration<H>): H
  /** Sends a value to a side output of `sides`, with the key in work. */
  side<T>(tag: OutputTag<T>, value: T, timestamp?: number): void
  /** Has the epoch committed as soon as that is possible, not at this very place. */
  commit(): void
  /**
   * Calls `fn` each time that the clock passes a multiple of the interval (plus `offset`), with the
   * time it has then; multiples that it passes at once count as one. As Kafka Streams' `schedule`,
   * it ends with the task: ask for it in `onStart`. Event time is exact through crashes.
   */
  every(
    interval: Duration,
    clock: TimerClock,
    fn: (time: number) => void,
    options?: { readonly offset?: Duration },
  ): Punctuation
}

export interface Punctuation {
  cancel(): void
}

/** As `ProcessContext`, where the key in work has state and timers. */
export interface KeyedContext<K, O, S> extends ProcessContext {
  readonly key: K
  readonly state: S
  readonly timers: Timers
  /** A record with the key in work. @param timestamp Default: that of the record or timer. */
  emit(value: O, timestamp?: number): void
}

/** As `ProcessContext`, for values whose keys stay as they are. */
export interface ValuesContext<K, O> extends ProcessContext {
  /** Null for a record without one. */
  readonly key: K
  /** A record with the key in work; there is none in a punctuation. */
  emit(value: O, timestamp?: number): void
}

/** As `ProcessContext`, for records that get keys of their own. */
export interface RecordsContext<K, OK, OV> extends ProcessContext {
  /** Of the record in work, null for a record without one and in a punctuation. */
  readonly key: K
  emit(value: OV, key: OK, timestamp?: number): void
}

/** What a record of a broadcast comes with: it is in every task, and has no key of theirs. */
export interface BroadcastContext<K> extends RecordContext {
  /** Of the record of the broadcast. */
  readonly key: K
  readonly watermark: number
  readonly wallTime: number
  commit(): void
}

declare const handle: unique symbol

/** A store as `keyValueStore` and its like declare it; `H` is what functions hold of it. */
export interface StoreDeclaration<H> extends SharedSpec {
  readonly [handle]?: H
}

/**
 * Timers of the key in work: one for each clock and time, so that asking again changes nothing.
 * `onTimer` is called when the time has come, in the order of the times; what is overdue is called
 * at the next opportunity. Timers are state: they survive what state survives.
 */
export interface Timers {
  /** When the watermark reaches this time, milliseconds since 1970. */
  eventTime(time: number): void
  /** When the machine's clock reaches this time. */
  wallTime(time: number): void
  deleteEventTime(time: number): void
  deleteWallTime(time: number): void
}

/** The timer that came due. */
export interface Timer {
  readonly clock: TimerClock
  /** Milliseconds since 1970. */
  readonly time: number
}
