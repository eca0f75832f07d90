import type { Serde } from '../../serde/serde.ts'
import { compareBytes } from '../../state/byte-slabs.ts'

/**
 * Whether two values are the same by what their serde writes; null and undefined are none.
 * @throws what the serde throws.
 */
export function sameValue(serde: Serde<unknown>, before: unknown, after: unknown): boolean {
  const isNone = before === null || before === undefined
  if (isNone || after === null || after === undefined) {
    return isNone && (after === null || after === undefined)
  }
  if (typeof before !== 'object' && before === after) return true
  return compareBytes(serde.serialize(before), serde.serialize(after)) === 0
}
