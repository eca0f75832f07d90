import { StreamError } from '../model/errors.ts'
import { type TaskId, taskId, type TopicPartition } from '../model/ids.ts'
import type { InternalTopic, Plan, SubTopology } from './plan.ts'

export type PartitionCheck =
  /**
   * Partitions of every topic of the plan: those that exist, and those that internal topics are to
   * have.
   */
  | { readonly kind: 'fits'; readonly partitions: ReadonlyMap<string, number> }
  | { readonly kind: 'refused'; readonly problems: readonly StreamError[] }

/**
 * Holds a plan against the topics of a cluster, and says how many partitions internal topics get:
 * along chains of them, and as many as the topics that they meet in a store.
 * @param partitionsOf Partitions of a topic as it exists now; undefined where it does not.
 */
export function checkPartitions(
  plan: Plan,
  partitionsOf: (topic: string) => number | undefined,
): PartitionCheck {
  const partitions = new Map<string, number>()
  const problems = userTopics(plan).flatMap((topic) => {
    const count = partitionsOf(topic)
    if (count === undefined) return [missing(plan, topic)]
    partitions.set(topic, count)
    return []
  })
  if (problems.length > 0) return { kind: 'refused', problems }
  settle(
    plan.internalTopics.filter((topic) => topic.kind === 'repartition'),
    partitions,
  )
  for (const topic of plan.internalTopics) {
    if (topic.kind !== 'changelog') continue
    partitions.set(topic.name, taskCount(plan.subTopologies[topic.subTopology], partitions))
  }
  problems.push(...unequal(plan, partitions), ...misfits(plan, partitions, partitionsOf))
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'fits', partitions }
}

/**
 * Topics that have to exist before the application starts: those of its author, read and written.
 */
export function userTopics(plan: Plan): readonly string[] {
  const internal = new Set(plan.internalTopics.map((topic) => topic.name))
  const topics = plan.subTopologies.flatMap((sub) => [...sub.sourceTopics, ...sub.sinkTopics])
  topics.push(...plan.globalTables.flatMap(({ sourceTopic }) => sourceTopic ?? []))
  return [...new Set(topics)].filter((topic) => !internal.has(topic)).toSorted()
}

type RepartitionTopic = Extract<InternalTopic, { readonly kind: 'repartition' }>

/**
 * Counts only grow until every topic has as many as the largest that it follows: topics that follow
 * each other, through a store that both meet in, end up equal.
 */
function settle(topics: readonly RepartitionTopic[], partitions: Map<string, number>): void {
  for (const { name, partitions: count } of topics) {
    partitions.set(name, typeof count === 'number' ? count : 0)
  }
  for (let grows = true; grows; ) {
    grows = false
    for (const { name, partitions: count } of topics) {
      if (typeof count === 'number') continue
      const largest = Math.max(...count.largestOf.map((topic) => partitions.get(topic) ?? 0))
      if (largest <= (partitions.get(name) ?? 0)) continue
      partitions.set(name, largest)
      grows = true
    }
  }
}

function taskCount(sub: SubTopology | undefined, partitions: ReadonlyMap<string, number>): number {
  return Math.max(0, ...(sub?.sourceTopics ?? []).map((topic) => partitions.get(topic) ?? 0))
}

function unequal(plan: Plan, partitions: ReadonlyMap<string, number>): readonly StreamError[] {
  return plan.subTopologies.flatMap((sub) =>
    sub.coPartitioned.flatMap((group) => {
      const [first = '', ...others] = group
      const other = others.find((topic) => partitions.get(topic) !== partitions.get(first))
      if (other === undefined) return []
      const [a, b] = [partitions.get(first), partitions.get(other)]
      return [
        external(
          'NOT_CO_PARTITIONED',
          `${first} has ${a} partitions, ${other} has ${b}, and both meet ` +
            `in the store "${storeNames(sub)}": ` +
            "give them the same number, or send one through repartition('name')",
        ),
      ]
    }),
  )
}

function storeNames(sub: SubTopology): string {
  return sub.stores.map((store) => store.name).join('" or "')
}

function misfits(
  plan: Plan,
  partitions: ReadonlyMap<string, number>,
  partitionsOf: (topic: string) => number | undefined,
): readonly StreamError[] {
  return plan.internalTopics.flatMap(({ name, kind }) => {
    const actual = partitionsOf(name)
    const wanted = partitions.get(name)
    if (actual === undefined || actual === wanted) return []
    return [
      external(
        'INTERNAL_TOPIC_MISMATCH',
        `the ${kind} topic ${name} has ${actual} partitions and needs ${wanted}: its input ` +
          'topics were changed since it was created; go back to their old number, or start ' +
          'under a new name',
      ),
    ]
  })
}

function missing(plan: Plan, topic: string): StreamError {
  const reads =
    plan.subTopologies.some((sub) => sub.sourceTopics.includes(topic)) ||
    plan.globalTables.some(({ sourceTopic }) => sourceTopic === topic)
  return external(
    'TOPIC_MISSING',
    `the topic ${topic}, which ${plan.application} ${reads ? 'reads' : 'writes'}, does ` +
      `not exist: create it, as with kafka-topics.sh --create --topic ${topic} --partitions 4`,
  )
}

function external(code: string, message: string): StreamError {
  return new StreamError(code, message, { domain: 'external', recovery: 'fatal' })
}

export interface PlannedTask {
  readonly id: TaskId
  readonly subTopology: number
  readonly partition: number
  /** What it reads, sorted by topic. */
  readonly inputs: readonly TopicPartition[]
  /** What its stores are restored from. */
  readonly changelogs: readonly TopicPartition[]
}

/** The tasks of a plan: one for each partition number of a sub-topology's topics. */
export function tasksOf(
  plan: Plan,
  partitions: ReadonlyMap<string, number>,
): readonly PlannedTask[] {
  return plan.subTopologies.flatMap((sub) => {
    const changelogs = plan.internalTopics
      .filter((topic) => topic.kind === 'changelog' && topic.subTopology === sub.index)
      .map((topic) => topic.name)
    return Array.from({ length: taskCount(sub, partitions) }, (_, partition) => ({
      id: taskId(sub.index, partition),
      subTopology: sub.index,
      partition,
      inputs: sub.sourceTopics
        .filter((topic) => partition < (partitions.get(topic) ?? 0))
        .map((topic) => ({ topic, partition })),
      changelogs: changelogs.map((topic) => ({ topic, partition })),
    }))
  })
}
