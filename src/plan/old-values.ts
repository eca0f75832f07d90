import { assert } from '../model/errors.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import { keepsRows } from '../operators/table/spec.ts'
import type { PlanStep } from './plan.ts'

/**
 * For each step of a sub-topology: whether the changes that it emits say the value before, because
 * a step behind it reads that. Kafka Streams' `enableSendingOldValues`: nothing is read, copied or
 * computed for it where nobody does.
 */
export function sendersOfOld(steps: readonly PlanStep[]): readonly boolean[] {
  const sends = steps.map(() => false)
  // Inputs come before what reads them.
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index]
    if (step?.kind !== 'operator' || !readsOld(step.spec, sends[index] ?? false)) continue
    for (const { node } of step.inputs) {
      const says = canSendOld(steps[node])
      sends[node] = says
      assert(
        says || !needsOld(step.spec),
        `${step.name} needs the values before, which ${steps[node]?.name} does not say`,
      )
    }
  }
  return sends
}

/** Without them its result would be wrong, not only longer. */
function needsOld(spec: OperatorSpec): boolean {
  if (spec.kind === 'table-join-side') return keepsRows(spec)
  return spec.kind === 'table-group-by' || spec.kind === 'foreign-key-subscribe'
}

/** @param sends Whether the step says it itself. */
function readsOld(spec: OperatorSpec, sends: boolean): boolean {
  switch (spec.kind) {
    // Else it would delete rows that were never there.
    case 'table-filter':
      return spec.store === undefined
    case 'table-map-values':
    case 'table-merge':
      return sends && spec.store === undefined
    case 'table-group-by':
    case 'foreign-key-subscribe':
      return true
    case 'table-join-side':
      return sends || keepsRows(spec)
    default:
      return false
  }
}

function canSendOld(step: PlanStep | undefined): boolean {
  if (step?.kind !== 'operator') return false
  switch (step.spec.kind) {
    case 'aggregate':
    case 'windowed-aggregate':
    case 'session-aggregate':
    case 'sliding-aggregate':
    case 'to-table':
    case 'versioned-table':
    case 'table-filter':
    case 'table-map-values':
    case 'table-join-side':
    case 'table-merge':
    case 'table-aggregate':
    case 'foreign-key-result':
      return true
    default:
      return false
  }
}
