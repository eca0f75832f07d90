import { StreamError } from './errors.ts'
import { inUnits } from './units.ts'

/** Milliseconds, or a number with a unit: `'500ms' | '15s' | '5m' | '1h' | '7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of what somebody wrote; undefined for what is not a duration. */
export function parseDuration(written: unknown): number | undefined {
  const ms = inUnits(written, unitMs)
  return ms !== undefined && ms >= 0 ? ms : undefined
}

/**
 * A duration in milliseconds.
 * @param what Names the setting in the error, as its author wrote it: `idleAfter of
 * stream("lines")`.
 * @throws StreamError `INVALID_DURATION` for anything that is not a number ≥ 0 or such a number
 * with a unit.
 */
export function durationMs(duration: Duration, what: string): number {
  const ms = parseDuration(duration)
  if (ms !== undefined) return ms
  throw new StreamError(
    'INVALID_DURATION',
    `${what} is ${JSON.stringify(duration)}: write milliseconds as a number, or '500ms', ` +
      `'15s', '5m', '1h', '7d'`,
    { domain: 'user', recovery: 'fatal' },
  )
}
