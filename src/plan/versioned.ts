import type { PlanStep } from './plan.ts'

/** True for a table that knows what its rows were, and for views of one (KIP-914). */
export function isVersioned(steps: readonly PlanStep[], index: number): boolean {
  const step = steps[index]
  if (step?.kind !== 'operator') return false
  const { spec } = step
  if (spec.kind === 'versioned-table') return true
  if (spec.kind !== 'table-filter' && spec.kind !== 'table-map-values') return false
  return spec.store === undefined && step.inputs.some(({ node }) => isVersioned(steps, node))
}
