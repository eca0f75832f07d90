import type { StoreSpec } from '../state/spec.ts'
import type { OperatorSpec } from './spec.ts'

/** The stores that an operator owns; those that it only looks up are somebody else's. */
export function storesOf(spec: OperatorSpec): readonly StoreSpec[] {
  if ('stores' in spec) return spec.stores
  return 'store' in spec && spec.store !== undefined ? [spec.store] : []
}
