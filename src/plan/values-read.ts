import { assertNever } from '../model/errors.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import type { TopologyNode } from '../topology/nodes.ts'

/**
 * For each node: whether a node after it reads the values of the records that it emits, in other
 * parts too.
 */
export function valuesRead(nodes: readonly TopologyNode[]): readonly boolean[] {
  const read = nodes.map(() => false)
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]
    if (node === undefined || !reads(node, read[index] ?? false)) continue
    for (const input of node.inputs) read[input.node] = true
  }
  return read
}

/** @param after Whether the values that the node itself emits are read. */
function reads(node: TopologyNode, after: boolean): boolean {
  switch (node.kind) {
    case 'source':
    case 'global-table':
      return false
    case 'sink':
      return true
    case 'repartition':
      return after || node.partitioner !== undefined
    case 'operator':
      return operatorReads(node.spec, after)
    default:
      return assertNever(node)
  }
}

function operatorReads(spec: OperatorSpec, after: boolean): boolean {
  switch (spec.kind) {
    case 'map':
    case 'flat-map':
    case 'map-values':
    case 'flat-map-values':
    case 'select-key':
    case 'filter':
    case 'peek':
    case 'split':
    case 'process':
    case 'to-table':
    case 'join':
    case 'stream-join':
    case 'suppress':
    case 'table-filter':
    case 'versioned-table':
    case 'table-map-values':
    case 'table-join-side':
    case 'table-merge':
    case 'table-group-by':
    case 'table-aggregate':
    case 'foreign-key-subscribe':
    case 'foreign-key-subscriptions':
    case 'foreign-key-rows':
    case 'foreign-key-join':
    case 'foreign-key-result':
    case 'global-join':
      return true
    case 'merge':
    case 'to-stream':
      return after
    case 'aggregate':
    case 'windowed-aggregate':
    case 'session-aggregate':
    case 'sliding-aggregate':
      return spec.function.kind !== 'count'
    default:
      return assertNever(spec)
  }
}
