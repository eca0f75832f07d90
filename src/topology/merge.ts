import type { Flow } from './draft.ts'
import { refuse } from './failures.ts'

/** One flow of several; serdes that differ are nobody's. */
export function merged(first: Flow, others: readonly Flow[]): Flow {
  const flows = [first, ...others]
  const { draft } = first
  if (flows.some((flow) => flow.draft !== draft)) {
    throw refuse(
      'FOREIGN_STREAM',
      `merge() got a stream of another topology than "${draft.application}"`,
    )
  }
  const edge = draft.add('merge', undefined, (name) => ({
    kind: 'operator',
    name,
    inputs: flows.map((flow) => flow.edge),
    spec: Object.freeze({ kind: 'merge' }),
  }))
  const same = (which: 'key' | 'value') =>
    flows.every((flow) => flow[which]?.serde === first[which]?.serde)
  return {
    draft,
    edge,
    key: same('key') ? first.key : undefined,
    value: same('value') ? first.value : undefined,
    rekeyedBy: flows.find((flow) => flow.rekeyedBy !== undefined)?.rekeyedBy,
    timed: flows.some((flow) => flow.timed),
  }
}
