import { StreamError } from '../model/errors.ts'
import type { VersionedTableSpec } from '../operators/table/spec.ts'
import type { PlanStep } from './plan.ts'

/** What keeps the history of a table that knows what its rows were, or of a view (KIP-914). */
export function historyOf(
  steps: readonly PlanStep[],
  index: number,
): VersionedTableSpec | undefined {
  const step = steps[index]
  if (step?.kind !== 'operator') return undefined
  const { spec } = step
  if (spec.kind === 'versioned-table') return spec
  const isView = spec.kind === 'table-filter' || spec.kind === 'table-map-values'
  const [input] = step.inputs
  if (!isView || spec.store !== undefined || input === undefined) return undefined
  return historyOf(steps, input.node)
}

/**
 * Refuses a join whose records wait for rows that their table does not know any more.
 * @throws StreamError `TABLE_NOT_VERSIONED`
 */
export function checkHistories(steps: readonly PlanStep[]): void {
  for (const step of steps) {
    if (step.kind !== 'operator' || step.spec.kind !== 'join') continue
    const graceMs = step.spec.store?.times?.keptMs
    if (graceMs === undefined) continue
    const [table] = step.lookups
    const history = table && historyOf(steps, table.node)
    if (history !== undefined && history.retentionMs >= graceMs) continue
    const found =
      history === undefined
        ? 'does not know what its rows were'
        : `knows what its rows were for ${history.retentionMs} ms`
    throw new StreamError(
      'TABLE_NOT_VERSIONED',
      `join("${step.name}") waits ${graceMs} ms for a table that ${found}: read it with ` +
        `t.table(topic, { versioned: '1h' }), or longer, and give what is between no store`,
      { domain: 'user', recovery: 'fatal', where: { node: step.name } },
    )
  }
}
