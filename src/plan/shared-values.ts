import type { PlanStep } from './plan.ts'

/**
 * True where the values that reach a step, or those that it looks up, may be or have in them an
 * aggregate or state that an operator upstream changes in place: whoever keeps them has to copy
 * them.
 */
export function sharesAggregates(steps: readonly PlanStep[], index: number): boolean {
  const step = steps[index]
  if (step?.kind !== 'operator') return false
  return [...step.inputs, ...step.lookups].some(
    ({ node }) => folds(steps[node]) || sharesAggregates(steps, node),
  )
}

function folds(step: PlanStep | undefined): boolean {
  if (step?.kind !== 'operator') return false
  // What a process function emits it may still hold.
  if (step.spec.kind === 'process') return true
  if (!('function' in step.spec)) return false
  return step.spec.function.kind !== 'count'
}
