import { inUnits } from './units.ts'

/** Bytes, or a number with a unit: `'64KiB'`, `'1MB'`. */
export type Size = number | `${number}${'B' | 'kB' | 'MB' | 'GB' | 'KiB' | 'MiB' | 'GiB'}`

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** Bytes of `4096`, `'64KiB'`, `'1MB'`…; undefined for what is not a size. */
export function parseSize(written: unknown): number | undefined {
  return inUnits(written, unitBytes)
}
