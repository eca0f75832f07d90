import { StreamError } from '../model/errors.ts'
import type { StoreSpec } from '../state/spec.ts'
import { changelogTopic } from '../topology/names.ts'
import type { RepartitionNode, TopologyNode } from '../topology/nodes.ts'
import type { InternalTopic, SubTopology } from './plan.ts'

/**
 * As Kafka Streams creates them (apache/kafka, RepartitionTopicConfig): never expired, purged up to
 * what has committed.
 */
const repartitionConfigs = Object.freeze({
  'cleanup.policy': 'delete',
  'message.timestamp.type': 'CreateTime',
  'retention.ms': '-1',
  'segment.bytes': '52428800',
})

/** As Kafka Streams creates them (apache/kafka, UnwindowedUnversionedChangelogTopicConfig). */
const changelogConfigs = Object.freeze({
  'cleanup.policy': 'compact',
  'message.timestamp.type': 'CreateTime',
})

/**
 * Never expired, since an open window of old events would be lost with its records; purged by the
 * task that owns it, which `delete` is for.
 */
const windowedConfigs = Object.freeze({
  ...changelogConfigs,
  'cleanup.policy': 'compact,delete',
  'retention.ms': '-1',
})

export function changelogTopics(
  application: string,
  subTopologies: readonly SubTopology[],
): readonly InternalTopic[] {
  return subTopologies.flatMap((sub) =>
    sub.stores.flatMap((store) =>
      store.changelog === false
        ? []
        : [
            Object.freeze({
              kind: 'changelog' as const,
              name: changelogTopic(application, store.name),
              store: store.name,
              subTopology: sub.index,
              configs: Object.freeze({
                ...(expires(store) ? windowedConfigs : changelogConfigs),
                ...store.changelog,
              }),
            }),
          ],
    ),
  )
}

function expires({ window, times }: StoreSpec): boolean {
  return window !== undefined || times !== undefined
}

/** One repartition node with the topic that it becomes. */
interface Repartition {
  readonly node: RepartitionNode
  readonly topic: string
  /** Topics whose records reach the node without another topic between. */
  readonly upstream: readonly string[]
}

export function repartitionTopics(
  nodes: readonly TopologyNode[],
  topicOf: (node: RepartitionNode) => string,
  subTopologies: readonly SubTopology[],
): readonly InternalTopic[] {
  const repartitions = upstreamTopics(nodes, topicOf)
  const groups = subTopologies.flatMap((sub) => sub.coPartitioned)
  return repartitions.map((repartition) => {
    const group = groups.find((topics) => topics.includes(repartition.topic)) ?? []
    const members = repartitions.filter(({ topic }) => group.includes(topic))
    const partitions = repartition.node.partitions ?? partitionsInGroup(repartition, group, members)
    return Object.freeze({
      kind: 'repartition' as const,
      name: repartition.topic,
      partitions,
      configs: repartitionConfigs,
    })
  })
}

/** Where a store also reads other topics, theirs decide; else the topics upstream do. */
function partitionsInGroup(
  own: Repartition,
  group: readonly string[],
  members: readonly Repartition[],
): number | { readonly largestOf: readonly string[] } {
  const fixed = members.find(({ node }) => node.partitions !== undefined)
  if (fixed?.node.partitions !== undefined) return fixed.node.partitions
  const users = group.filter((topic) => !members.some((member) => member.topic === topic))
  const upstream = (members.length > 0 ? members : [own])
    .flatMap((member) => member.upstream)
    .filter((topic) => !group.includes(topic) && topic !== own.topic)
  const topics = users.length > 0 ? users : upstream
  if (topics.length > 0) {
    return Object.freeze({ largestOf: Object.freeze([...new Set(topics)].toSorted()) })
  }
  throw new StreamError(
    'NOT_CO_PARTITIONED',
    `nothing says how many partitions ${own.topic} has: give repartition("${own.node.name}") ` +
      'the option partitions',
    { domain: 'user', recovery: 'fatal' },
  )
}

function upstreamTopics(
  nodes: readonly TopologyNode[],
  topicOf: (node: RepartitionNode) => string,
): readonly Repartition[] {
  const reaching: (readonly string[])[] = []
  const found: Repartition[] = []
  for (const node of nodes) {
    const upstream = [...new Set(node.inputs.flatMap((edge) => reaching[edge.node] ?? []))]
    if (node.kind === 'repartition') {
      found.push({ node, topic: topicOf(node), upstream })
      reaching.push([topicOf(node)])
    } else reaching.push(node.kind === 'source' ? node.topics : upstream)
  }
  return found
}
