import { storesOf } from '../operators/stores.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { TopologyNode } from '../topology/nodes.ts'

/**
 * A node's half in one sub-topology: a repartition node is a sink in the sub-topology before it
 * and a source in the one after it.
 */
export interface Half {
  readonly node: number
  readonly side: 'whole' | 'write' | 'read'
}

/**
 * Cuts the graph at its repartition nodes and answers the connected parts, each in execution
 * order, numbered by their first node, as Kafka Streams' node groups.
 */
export function cut(nodes: readonly TopologyNode[]): readonly (readonly Half[])[] {
  // Two slots a node, the half that is fed and the half that feeds: one but for repartitions.
  const parents = Array.from({ length: nodes.length * 2 }, (_, slot) => slot)
  const root = (slot: number): number => {
    let at = slot
    while (parents[at] !== undefined && parents[at] !== at) at = parents[at] ?? at
    return at
  }
  const join = (a: number, b: number) => {
    const [low, high] = [root(a), root(b)].toSorted((x, y) => x - y)
    if (low !== undefined && high !== undefined) parents[high] = low
  }
  // Operators that share a store are in one part.
  const owners = new Map<StoreSpec, number>()
  for (const [index, node] of nodes.entries()) {
    if (node.kind !== 'repartition') join(fed(index), feeding(index))
    for (const input of node.inputs) join(feeding(input.node), fed(index))
    if (node.kind !== 'operator') continue
    for (const table of node.lookups ?? []) join(feeding(table.node), fed(index))
    for (const store of storesOf(node.spec)) {
      join(fed(owners.get(store) ?? index), fed(index))
      owners.set(store, index)
    }
  }
  const parts = new Map<number, Half[]>()
  const place = (slot: number, half: Half) => {
    const part = parts.get(root(slot)) ?? []
    part.push(Object.freeze(half))
    parts.set(root(slot), part)
  }
  for (const [index, node] of nodes.entries()) {
    if (node.kind === 'global-table') continue
    if (node.kind === 'repartition') {
      place(fed(index), { node: index, side: 'write' })
      place(feeding(index), { node: index, side: 'read' })
    } else place(fed(index), { node: index, side: 'whole' })
  }
  return [...parts.values()]
}

const fed = (node: number) => node * 2
const feeding = (node: number) => node * 2 + 1
