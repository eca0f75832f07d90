import { type Duration, durationMs } from '../model/duration.ts'
import type { Windowed } from '../model/windowed.ts'
import type { Serde } from '../serde/serde.ts'
import { sessionKeys } from '../serde/session.ts'
import { windowedKeys } from '../serde/windowed.ts'
import type { WindowSpec } from '../time/windows.ts'
import { checkMs, checkOptions } from './checks.ts'
import { refuse } from './failures.ts'

/** What `windowedBy` takes: `tumbling('10s')` or `hopping('1m', '10s')`. */
export interface TimeWindows extends WindowSpec {
  readonly kind: 'tumbling' | 'hopping'
}

/**
 * Windows side by side: each record is in one.
 * @param options.offset Windows start at it plus multiples of the size, less than the size: `{
 * offset: '6h' }` for days that begin at six. @default 0
 * @throws StreamError `INVALID_DURATION`, `INVALID_ARGUMENT`
 */
export function tumbling(
  size: Duration,
  options: { readonly offset?: Duration } = {},
): TimeWindows {
  const what = `tumbling(${JSON.stringify(size)})`
  checkOptions(what, options, ['offset'])
  const sizeMs = checkMs(`the size of ${what}`, size, 1)
  const offsetMs = durationMs(options.offset ?? 0, `offset of ${what}`)
  if (offsetMs >= sizeMs || !Number.isInteger(offsetMs)) {
    throw refuse('INVALID_ARGUMENT', `offset of ${what} has to be shorter than the windows`)
  }
  return Object.freeze({ kind: 'tumbling', sizeMs, advanceMs: sizeMs, offsetMs })
}

/**
 * Windows that overlap: a new one every `advance`, so that a record is in `size / advance` of them.
 * Flink calls them sliding.
 * @throws StreamError `INVALID_DURATION`, `INVALID_ARGUMENT` for an advance over the size
 */
export function hopping(size: Duration, advance: Duration): TimeWindows {
  const what = `hopping(${JSON.stringify(size)}, ${JSON.stringify(advance)})`
  const sizeMs = checkMs(`the size of ${what}`, size, 1)
  const advanceMs = checkMs(`the advance of ${what}`, advance, 1)
  if (advanceMs > sizeMs) {
    throw refuse(
      'INVALID_ARGUMENT',
      `${what} advances by more than its size: records between two windows would be in none`,
    )
  }
  return Object.freeze({ kind: 'hopping', sizeMs, advanceMs, offsetMs: 0 })
}

/** What `windowedBy` takes for sliding windows: `sliding('10s')`. */
export interface SlidingWindows {
  readonly kind: 'sliding'
  readonly differenceMs: number
}

/**
 * Windows of records that are at most the difference apart: for each record of a key one that ends
 * with it, and one that begins a millisecond after it where that has other records. Kafka Streams'
 * SlidingWindows; for Flink's see `hopping`.
 * @throws StreamError `INVALID_DURATION`, `INVALID_ARGUMENT`
 */
export function sliding(difference: Duration): SlidingWindows {
  const differenceMs = checkMs(
    `the difference of sliding(${JSON.stringify(difference)})`,
    difference,
    1,
  )
  return Object.freeze({ kind: 'sliding', differenceMs })
}

/** What `windowedBy` takes for sessions: `session('30m')`. */
export interface SessionWindows {
  readonly kind: 'session'
  readonly gapMs: number
}

/**
 * Sessions: records of a key that are at most the gap apart, as long as there is no longer pause.
 * @throws StreamError `INVALID_DURATION`, `INVALID_ARGUMENT`
 */
export function session(gap: Duration): SessionWindows {
  const gapMs = checkMs(`the gap of session(${JSON.stringify(gap)})`, gap, 1)
  return Object.freeze({ kind: 'session', gapMs })
}

/**
 * Keys as a table of sessions writes them, for reading its topic again: the key's bytes, the
 * session's end, its start (Kafka Streams' session-windowed keys).
 */
export function sessionWindowed<K>(key: Serde<K>): Serde<Windowed<K>> {
  return sessionKeys(key)
}

/**
 * Keys as a windowed table writes them, for reading its topic again: the key's bytes, then the
 * window's start (Kafka Streams' time-windowed keys).
 * @param size Of the windows: their end is not written.
 */
export function windowed<K>(key: Serde<K>, size: Duration): Serde<Windowed<K>> {
  const what = `windowed(${key.name}, ${JSON.stringify(size)})`
  return windowedKeys(key, checkMs(`the size of ${what}`, size, 1))
}
