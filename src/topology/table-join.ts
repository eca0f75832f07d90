import type { RowJoiner, TableJoinKind } from '../operators/table/spec.ts'
import { checkFunction, checkPolicy } from './checks.ts'
import type { Edge } from './nodes.ts'
import type { TableFlow } from './draft.ts'
import { checkLookUp } from './look-up.ts'
import type { RowOptions } from './options.ts'
import { keptRows, rowsFlow } from './row-store.ts'

interface TablePair {
  readonly call: 'join' | 'leftJoin' | 'outerJoin'
  readonly left: TableFlow
  readonly right: TableFlow
}

const kinds = { join: 'inner', leftJoin: 'left', outerJoin: 'outer' } as const

/**
 * Adds a join of two tables by their keys: an operator for the changes of each side, and one for
 * what both say.
 */
export function addTablePairJoin<K, V>(
  { call, left, right }: TablePair,
  name: string,
  fn: RowJoiner,
  options: Omit<RowOptions<K, V>, 'name'>,
): TableFlow {
  const { draft } = left
  const what = draft.own(call, name)
  checkFunction(`the joiner of ${what}`, fn)
  checkLookUp(left, 'table', what, right)
  const rows = keptRows(left, what, options, undefined, name)
  const onError = checkPolicy(what, options.onError)
  const join: TableJoinKind = kinds[call]
  const sideOf = (side: 'left' | 'right', own: TableFlow, looked: TableFlow): Edge => {
    const other = Object.freeze({ key: looked.key.serde, store: looked.store })
    const spec = Object.freeze({ kind: 'table-join-side', side, join, other, fn, onError } as const)
    return draft.add(`${name}-${side}`, undefined, (label) => ({
      kind: 'operator',
      name: label,
      inputs: [own.edge],
      lookups: [looked.edge],
      spec,
    }))
  }
  const sides = [sideOf('left', left, right), sideOf('right', right, left)]
  const store = rows.store === undefined ? {} : { store: rows.store }
  const spec = Object.freeze({ kind: 'table-merge', join, fn, ...store, onError } as const)
  const both = { ...left, timed: left.timed || right.timed }
  return rowsFlow(both, rows, { what, label: '', name }, undefined, (label) => ({
    kind: 'operator',
    name: label,
    inputs: sides,
    spec,
  }))
}
