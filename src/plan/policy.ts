import type { ErrorPolicy } from '../operators/spec.ts'
import type { PlanStep } from './plan.ts'

/** What a step does with a record that it cannot process; steps that cannot fail have 'fail'. */
export function policyOf(step: PlanStep): ErrorPolicy {
  const spec = step.kind === 'source' ? step.source : step.spec
  return 'onError' in spec ? spec.onError : 'fail'
}
