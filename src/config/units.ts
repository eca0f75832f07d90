/** Durations and sizes as users write them. */
const millis: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const bytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** Milliseconds of `250`, `'500ms'`, `'1.5s'`…; undefined for what is not a duration. */
export function durationMs(written: unknown): number | undefined {
  return withUnit(written, millis, 'ms')
}

/** Bytes of `4096`, `'64KiB'`, `'1MB'`…; undefined for what is not a size. */
export function bytesOf(written: unknown): number | undefined {
  return withUnit(written, bytes, 'B')
}

function withUnit(
  written: unknown,
  units: Readonly<Record<string, number>>,
  bare: string,
): number | undefined {
  if (typeof written === 'number') return Number.isFinite(written) ? written : undefined
  if (typeof written !== 'string') return undefined
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(written.trim())
  if (match === null) return undefined
  const factor = units[match[2] === '' || match[2] === undefined ? bare : match[2]]
  return factor === undefined ? undefined : Math.round(Number(match[1]) * factor)
}
