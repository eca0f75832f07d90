import { assertNever } from '../model/errors.ts'
import { storesOf } from '../operators/stores.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'
import { changelogTopic } from '../topology/names.ts'
import type { SerdeReason, Topology, TopologyNode } from '../topology/nodes.ts'
import { lookedUp } from './looked-up.ts'
import { checkPartitions, tasksOf } from './partitions.ts'
import type { InternalTopic, Plan, PlanOperator, PlanStep, SubTopology } from './plan.ts'
import { planTopology } from './plan-topology.ts'
import { table } from './table-text.ts'
import { timesText } from './window-text.ts'

/**
 * Says in words what a topology becomes: sub-topologies and their tasks, topics, stores, and each
 * serde with the reason for it.
 * @param partitionsOf Partitions of the user's topics, where they are known: then tasks are
 * counted.
 */
export function explain(
  topology: Topology,
  partitionsOf?: (topic: string) => number | undefined,
): string {
  const plan = planTopology(topology)
  const check = partitionsOf === undefined ? undefined : checkPartitions(plan, partitionsOf)
  const partitions = check?.kind === 'fits' ? check.partitions : undefined
  const problems = check?.kind === 'refused' ? check.problems.map((each) => each.message) : []
  const lines = [
    `Application ${plan.application}, plan ${plan.fingerprint}`,
    ...plan.subTopologies.flatMap((sub) => ['', ...partLines(topology, plan, sub, partitions)]),
    ...globalLines(topology, plan),
    ...topicLines(plan, partitions),
    ...(problems.length > 0 ? ['', 'It cannot run on these topics:'] : []),
    ...problems.map((problem) => `  ${problem}`),
  ]
  return `${lines.join('\n')}\n`
}

type Partitions = ReadonlyMap<string, number> | undefined

function partLines(
  topology: Topology,
  plan: Plan,
  sub: SubTopology,
  partitions: Partitions,
): readonly string[] {
  const rows = sub.steps.flatMap((step) => stepRows(topology, plan, step))
  return [`Sub-topology ${sub.index}: ${taskText(plan, sub, partitions)}`, ...table(rows)]
}

function taskText(plan: Plan, sub: SubTopology, partitions: Partitions): string {
  if (partitions === undefined) return `a task for each partition of ${sub.sourceTopics.join(', ')}`
  const tasks = tasksOf(plan, partitions).filter((task) => task.subTopology === sub.index)
  const [first, last] = [tasks[0], tasks.at(-1)]
  if (first === undefined || last === undefined) return 'no task'
  return tasks.length === 1
    ? `1 task, ${first.id}`
    : `${tasks.length} tasks, ${first.id} to ${last.id}`
}

function stepRows(topology: Topology, plan: Plan, step: PlanStep): readonly (readonly string[])[] {
  const node = nodeOf(topology, step)
  switch (step.kind) {
    case 'source': {
      const { key, value, topics, pattern } = step.source
      const read = pattern === undefined ? topics : new Set([String(pattern), ...topics])
      const values = step.repartition && !written(plan, topics) ? noValues : undefined
      return [['reads', [...read].join(', '), ...serdes(topology, node, key, value, values)]]
    }
    case 'sink': {
      const { key, value, topics } = step.spec
      const values = step.carriesValue ? undefined : noValues
      return [['writes', topics.join(' or '), ...serdes(topology, node, key, value, values)]]
    }
    case 'operator': {
      const looked = lookedUp(step, plan).join(', ')
      const joins =
        step.spec.kind === 'join'
          ? [['joins', step.name, `${step.spec.side}, with what ${looked} has of the key`]]
          : []
      return [...joins, ...storeRows(topology, plan, step, node)]
    }
    default:
      return assertNever(step)
  }
}

function storeRows(
  topology: Topology,
  plan: Plan,
  { spec }: PlanOperator,
  node: TopologyNode | undefined,
): readonly (readonly string[])[] {
  const text = timesText(spec)
  const window = text === undefined ? '' : `; ${text}`
  return storesOf(spec).map((store, at) => {
    const kept = `${placeText(store)}, ${changelogText(plan, store)}${window}`
    const reason = at === 0 ? node?.serdes?.value : node?.serdes?.secondValue
    const values = `value ${store.value.name} (${because(topology, reason)})`
    return ['store', store.name, ...serdes(topology, node, store.key, store.value, values), kept]
  })
}

function placeText({ backend, changelog, sourceTopic }: StoreSpec): string {
  if (changelog === false && sourceTopic === undefined) return 'in memory'
  return backend === undefined ? 'where stateBackend says' : `in ${backend}`
}

function changelogText(plan: Plan, { name, changelog, sourceTopic }: StoreSpec): string {
  if (sourceTopic !== undefined) return `its topic ${sourceTopic} is its changelog`
  if (changelog === false) return 'no changelog: lost with its worker'
  return `changelog ${changelogTopic(plan.application, name)}`
}

const noValues = 'no values: nobody reads them'

/** A repartition topic carries values if the sink that writes it does. */
function written(plan: Plan, topics: readonly string[]): boolean {
  return plan.subTopologies.some((sub) =>
    sub.steps.some(
      (step) =>
        step.kind === 'sink' &&
        step.carriesValue &&
        step.spec.topics.some((t) => topics.includes(t)),
    ),
  )
}

/** Both halves of a repartition come from one node. */
function nodeOf(topology: Topology, step: PlanStep): TopologyNode | undefined {
  const half = /-repartition-(sink|source)$/
  const repartition = step.kind !== 'operator' && step.repartition
  const name = repartition ? step.name.replace(half, '') : step.name
  return topology.nodes.find((node) => node.name === name)
}

function serdes(
  topology: Topology,
  node: TopologyNode | undefined,
  key: Serde<unknown>,
  value: Serde<unknown>,
  values = `value ${value.name} (${because(topology, node?.serdes?.value)})`,
): readonly string[] {
  return [`key ${key.name} (${because(topology, node?.serdes?.key)})`, values]
}

function because(topology: Topology, reason: SerdeReason | undefined): string {
  switch (reason?.kind) {
    case 'stated':
      return 'stated'
    case 'follows':
      return `as in ${topology.nodes[reason.node]?.name ?? 'its input'}`
    case 'fixed':
      return 'its only format'
    default:
      return 'default'
  }
}

function globalLines(topology: Topology, { globalTables }: Plan): readonly string[] {
  if (globalTables.length === 0) return []
  const rows = globalTables.map((store) => {
    const node = topology.nodes.find(({ name }) => name === store.name)
    const where = `${placeText(store)}, all of ${store.sourceTopic ?? store.name} on every worker`
    return ['store', store.name, ...serdes(topology, node, store.key, store.value), where]
  })
  return ['', 'Global tables', ...table(rows)]
}

function topicLines(plan: Plan, partitions: Partitions): readonly string[] {
  if (plan.internalTopics.length === 0) return []
  const rows = plan.internalTopics.map((topic) => [
    topic.name,
    partitionText(topic, partitions),
    Object.entries(topic.configs)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ])
  return ['', 'Topics of its own', ...table(rows)]
}

function partitionText(topic: InternalTopic, partitions: Partitions): string {
  const count = partitions?.get(topic.name)
  if (count !== undefined) return counted(count)
  if (topic.kind === 'changelog')
    return `a partition for each task of sub-topology ${topic.subTopology}`
  if (typeof topic.partitions === 'number') return counted(topic.partitions)
  const { largestOf } = topic.partitions
  const which = largestOf.length === 1 ? '' : 'the largest of '
  return `as many partitions as ${which}${largestOf.join(', ')}`
}

function counted(partitions: number): string {
  return partitions === 1 ? '1 partition' : `${partitions} partitions`
}
