const numberWithUnit = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/

/**
 * A number as it is, or a text of a number and one of these units, in whole smallest units;
 * undefined for anything else.
 */
export function inUnits(
  written: unknown,
  units: Readonly<Record<string, number>>,
): number | undefined {
  if (typeof written === 'number') return Number.isFinite(written) ? written : undefined
  const [, amount, unit = ''] = (typeof written === 'string' && numberWithUnit.exec(written)) || []
  const factor = units[unit]
  return factor === undefined ? undefined : Math.round(Number(amount) * factor)
}
