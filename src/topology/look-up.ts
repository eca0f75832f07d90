import type { Flow, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'

/** Keys written in two ways are in different partitions, and not found. */
export function checkLookUp(
  { draft, key }: Flow,
  kind: 'stream' | 'table',
  what: string,
  table: TableFlow,
): void {
  if (table.draft !== draft) {
    throw refuse(
      'FOREIGN_STREAM',
      `${what} got the ${table.what} of another topology than "${draft.application}"`,
    )
  }
  const { serde } = table.key
  if (key === undefined || key.serde.name === serde.name) return
  throw refuse(
    'NOT_CO_PARTITIONED',
    `${what} joins a ${kind} with keys written by ${key.serde.name} with the ${table.what}, ` +
      `whose keys are written by ${serde.name}: read both with the same key serde, or send the ` +
      `${kind} through repartition('name', { key: … }) with the table's`,
  )
}
