import type { Plan, PlanOperator } from './plan.ts'

/** Names of the steps whose tables a step looks up. */
export function lookedUp(step: PlanOperator, { subTopologies }: Plan): readonly string[] {
  const steps = subTopologies.find((sub) => sub.steps.includes(step))?.steps ?? []
  return step.lookups.map(({ node }) => steps[node]?.name ?? '')
}
