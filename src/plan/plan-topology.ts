import { assertNever } from '../model/errors.ts'
import type { SinkSpec } from '../operators/spec.ts'
import { storesOf } from '../operators/stores.ts'
import type { StoreSpec } from '../state/spec.ts'
import { repartitionTopic } from '../topology/names.ts'
import type {
  Edge,
  GlobalTableNode,
  OperatorNode,
  RepartitionNode,
  SourceNode,
  Topology,
  TopologyNode,
} from '../topology/nodes.ts'
import { coPartitionedTopics } from './co-partitioning.ts'
import { cut, type Half } from './cut.ts'
import { fingerprintOf } from './fingerprint.ts'
import { changelogTopics, repartitionTopics } from './internal-topics.ts'
import type { Plan, PlanStep, SubTopology } from './plan.ts'
import { policyOf } from './policy.ts'
import { checkTableJoins } from './table-joins.ts'
import { valuesRead } from './values-read.ts'
import { checkHistories } from './versioned.ts'

/**
 * Turns a topology into what is run: parts that tasks are made of, the topics between them, and
 * the changelogs.
 * @throws StreamError `NOT_CO_PARTITIONED` where no number of partitions can be right,
 * `TABLE_JOINS_ITSELF`, `TABLE_NOT_VERSIONED`
 */
export function planTopology(topology: Topology): Plan {
  const { name: application, nodes } = topology
  const read = valuesRead(nodes)
  const topicOf = (node: RepartitionNode) => repartitionTopic(application, node.name)
  const subTopologies = cut(nodes).map((halves, index) =>
    subTopology(index, stepsOf(nodes, halves, read, topicOf)),
  )
  const body = {
    application,
    subTopologies: Object.freeze(subTopologies),
    globalTables: Object.freeze(
      nodes.flatMap((node) => (node.kind === 'global-table' ? [node.store] : [])),
    ),
    internalTopics: Object.freeze([
      ...repartitionTopics(nodes, topicOf, subTopologies),
      ...changelogTopics(application, subTopologies),
    ]),
  }
  return Object.freeze({ ...body, fingerprint: fingerprintOf(body) })
}

function subTopology(index: number, steps: readonly PlanStep[]): SubTopology {
  checkTableJoins(steps)
  checkHistories(steps)
  return Object.freeze({
    index,
    sourceTopics: sorted(
      steps.flatMap((step) => (step.kind === 'source' ? step.source.topics : [])),
    ),
    sinkTopics: sorted(steps.flatMap(writtenTopics)),
    coPartitioned: Object.freeze(coPartitionedTopics(steps)),
    stores: Object.freeze([...new Set(steps.flatMap(storesOfStep))]),
    steps: Object.freeze(steps),
  })
}

function sorted(topics: readonly string[]): readonly string[] {
  return Object.freeze([...new Set(topics)].toSorted())
}

function writtenTopics(step: PlanStep): readonly string[] {
  const policy = policyOf(step)
  const dead = typeof policy === 'object' ? [policy.deadLetter] : []
  return step.kind === 'sink' && !step.repartition ? [...step.spec.topics, ...dead] : dead
}

function storesOfStep(step: PlanStep): readonly StoreSpec[] {
  return step.kind === 'operator' ? storesOf(step.spec) : []
}

function stepsOf(
  nodes: readonly TopologyNode[],
  halves: readonly Half[],
  read: readonly boolean[],
  topicOf: (node: RepartitionNode) => string,
): readonly PlanStep[] {
  // Edges lead to the half that emits: a repartition's sink has the node's index too.
  const stepOf = new Map(
    halves.flatMap(({ node, side }, at) => (side === 'write' ? [] : [[node, at]])),
  )
  return halves.flatMap(({ node: index, side }) => {
    const node = nodes[index]
    if (node === undefined || node.kind === 'global-table') return []
    const edges = (of: readonly Edge[]) =>
      Object.freeze(
        of.map((edge) => Object.freeze({ node: stepOf.get(edge.node) ?? 0, port: edge.port })),
      )
    if (node.kind === 'operator') {
      const { kind, name, spec, lookups = [] } = node
      const inputs = edges(node.inputs)
      return [Object.freeze({ kind, name, inputs, spec, lookups: edges(lookups) })]
    }
    const inputs = edges(node.inputs)
    return [Object.freeze(stepOfHalf(node, side, inputs, read[index] ?? true, topicOf))]
  })
}

function stepOfHalf(
  node: Exclude<TopologyNode, OperatorNode | GlobalTableNode>,
  side: Half['side'],
  inputs: PlanStep['inputs'],
  valueRead: boolean,
  topicOf: (node: RepartitionNode) => string,
): PlanStep {
  const { name } = node
  switch (node.kind) {
    case 'source':
      return { kind: 'source', name, inputs, source: node, repartition: false }
    case 'sink': {
      const spec = node.spec
      return { kind: 'sink', name, inputs, spec, repartition: false, carriesValue: true }
    }
    case 'repartition':
      return side === 'write'
        ? writeHalf(node, inputs, valueRead, topicOf(node))
        : readHalf(node, topicOf(node))
    default:
      return assertNever(node)
  }
}

function writeHalf(
  node: RepartitionNode,
  inputs: PlanStep['inputs'],
  carriesValue: boolean,
  topic: string,
): PlanStep {
  return {
    kind: 'sink',
    name: `${node.name}-repartition-sink`,
    inputs,
    spec: sinkOf(node, topic),
    repartition: true,
    carriesValue,
  }
}

function readHalf(node: RepartitionNode, topic: string): PlanStep {
  const source = sourceOf(node, topic)
  const inputs = Object.freeze([])
  return { kind: 'source', name: source.name, inputs, source, repartition: true }
}

function sinkOf(node: RepartitionNode, topic: string): SinkSpec {
  const { key, value, partitioner, onError } = node
  return Object.freeze({
    kind: 'sink',
    topics: Object.freeze([topic]),
    key,
    value,
    ...(partitioner === undefined ? {} : { partitioner }),
    ...(node.everywhere === true ? { everywhere: true as const } : {}),
    onError,
  })
}

function sourceOf(node: RepartitionNode, topic: string): SourceNode {
  return Object.freeze({
    kind: 'source',
    name: `${node.name}-repartition-source`,
    inputs: Object.freeze([]),
    topics: Object.freeze([topic]),
    key: node.key,
    value: node.value,
    timestamp: undefined,
    watermark: Object.freeze({ kind: 'none' }),
    idleAfterMs: undefined,
    startFrom: 'earliest',
    ...(node.silent === true ? { silent: true as const } : {}),
    onError: node.onError,
  })
}
