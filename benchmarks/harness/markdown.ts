/** Tables of results. */
import type { Spread } from './statistics.ts'

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row).join('\n')
}

/** A median with its range, where there is one: `4.20 (3.90–4.40)`. */
export function ranged(
  { median, min, max, runs }: Spread,
  digits: number | ((value: number) => number),
): string {
  if (runs === 0) return '–'
  const text = (value: number) => value.toFixed(typeof digits === 'number' ? digits : digits(value))
  return runs === 1 ? text(median) : `${text(median)} (${text(min)}–${text(max)})`
}

/** Two digits that say something, also of a thousandth and of a thousandfold. */
export function ratioDigits(ratio: number): number {
  return ratio >= 100 ? 0 : Math.max(2, 1 - Math.floor(Math.log10(ratio)))
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
