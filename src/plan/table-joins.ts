import { StreamError } from '../model/errors.ts'
import { storesOf } from '../operators/stores.ts'
import type { PlanStep } from './plan.ts'

/**
 * Refuses a join of two tables where a change reaches one side while the store that the other is
 * looked up in has it already: the result of that change would be made of rows that never were
 * together, and a deletion would get lost.
 * @throws StreamError `TABLE_JOINS_ITSELF`
 */
export function checkTableJoins(steps: readonly PlanStep[]): void {
  for (const [index, step] of steps.entries()) {
    if (step.kind !== 'operator' || step.spec.kind !== 'table-join-side') continue
    const before = ancestors(steps, index)
    const shared = step.lookups
      .flatMap(({ node }) => storeOwners(steps, node))
      .find((owner) => before.has(owner))
    if (shared === undefined) continue
    const join = steps.find(({ inputs }) => inputs.some(({ node }) => node === index))
    throw new StreamError(
      'TABLE_JOINS_ITSELF',
      `join("${join?.name ?? step.name}") has rows of "${steps[shared]?.name}" on both sides: ` +
        'make the result with one mapValues() of that table; or, where it has to be a join, give ' +
        "each side rows of its own: mapValues((v) => v, { store: 'name' })",
      { domain: 'user', recovery: 'fatal' },
    )
  }
}

function ancestors(steps: readonly PlanStep[], index: number): ReadonlySet<number> {
  const found = new Set<number>()
  const visit = (at: number) => {
    for (const { node } of steps[at]?.inputs ?? []) {
      if (found.has(node)) continue
      found.add(node)
      visit(node)
    }
  }
  visit(index)
  return found
}

/** Steps whose stores a table is looked up in. */
function storeOwners(steps: readonly PlanStep[], index: number): readonly number[] {
  const step = steps[index]
  if (step?.kind !== 'operator') return []
  if (storesOf(step.spec).length > 0) return [index]
  return step.inputs.flatMap(({ node }) => storeOwners(steps, node))
}
