/** Sources that read every topic whose name matches. */
import { refuse } from './failures.ts'
import type { Topology, TopologyNode } from './nodes.ts'

/** True where what is read depends on the topics that exist. */
export function hasPatterns({ nodes }: Topology): boolean {
  return nodes.some((node) => node.kind === 'source' && node.pattern !== undefined)
}

/**
 * The topology with the topics that its patterns match among those that exist. Left out are topics
 * that are read by their names, the application's own and the brokers' internal ones.
 * @throws StreamError `DUPLICATE_SOURCE` for a topic that two patterns match
 */
export function withTopics(topology: Topology, existing: readonly string[]): Topology {
  if (!hasPatterns(topology)) return topology
  const named = new Set(topology.nodes.flatMap(namedTopics))
  const own = (topic: string) =>
    topic.startsWith(`${topology.name}-`) && /-(repartition|changelog)$/.test(topic)
  const open = existing
    .filter((topic) => !named.has(topic) && !own(topic) && !topic.startsWith('__'))
    .toSorted()
  const readers = new Map<string, RegExp>()
  const nodes = topology.nodes.map((node) => {
    if (node.kind !== 'source' || node.pattern === undefined) return node
    const { pattern } = node
    const topics = open.filter((topic) => pattern.test(topic))
    if (topics.length === 0) return node
    for (const topic of topics) claim(readers, topic, pattern)
    return Object.freeze({ ...node, topics: Object.freeze(topics) })
  })
  return Object.freeze({ ...topology, nodes: Object.freeze(nodes) })
}

/** The first pattern that no topic matched. */
export function lonelyPattern({ nodes }: Topology): RegExp | undefined {
  for (const node of nodes) {
    if (node.kind !== 'source' || node.pattern === undefined) continue
    if (node.topics.includes(String(node.pattern))) return node.pattern
  }
  return undefined
}

function namedTopics(node: TopologyNode): readonly string[] {
  if (node.kind === 'global-table') return [node.store.sourceTopic ?? node.name]
  return node.kind === 'source' && node.pattern === undefined ? node.topics : []
}

function claim(readers: Map<string, RegExp>, topic: string, pattern: RegExp): void {
  const other = readers.get(topic)
  if (other !== undefined) {
    throw refuse(
      'DUPLICATE_SOURCE',
      `the topic "${topic}" is matched by ${String(other)} and by ${String(pattern)}: it has one ` +
        'position in each of its partitions, so make the patterns keep apart',
    )
  }
  readers.set(topic, pattern)
}
