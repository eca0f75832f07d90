import { StreamError } from './errors.ts'

/** Milliseconds, or a number with a unit: `'500ms' | '15s' | '5m' | '1h' | '7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * A duration in milliseconds.
 * @param what Names the setting in the error, as its author wrote it: `idleAfter of
 * stream("lines")`.
 * @throws StreamError `INVALID_DURATION` for anything that is not a number ≥ 0 or such a number
 * with a unit.
 */
export function durationMs(duration: Duration, what: string): number {
  const ms = typeof duration === 'number' ? duration : parse(duration)
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw new StreamError(
    'INVALID_DURATION',
    `${what} is ${JSON.stringify(duration)}: write milliseconds as a number, or '500ms', ` +
      `'15s', '5m', '1h', '7d'`,
    { domain: 'user', recovery: 'fatal' },
  )
}

function parse(text: unknown): number {
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) : null
  return Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN)
}
