import type { PlanStep } from '../plan/plan.ts'

/** True for a step that a table with `emit: 'commit'` comes before, in the same sub-topology. */
export function followsCut(steps: readonly PlanStep[], index: number): boolean {
  const inputs = steps[index]?.inputs ?? []
  return inputs.some(({ node }) => emitsAtCut(steps[node]) || followsCut(steps, node))
}

function emitsAtCut(step: PlanStep | undefined): boolean {
  return step?.kind === 'operator' && 'emit' in step.spec && step.spec.emit === 'commit'
}
