import type { Plan, SubTopology } from './plan.ts'

/**
 * 16 hexadecimal digits of what tasks, topics and stores are: their names, numbers, partitions
 * and serdes. Stateless operators and functions do not count, so a new version of those can join
 * its predecessors' group.
 */
export function fingerprintOf(plan: Omit<Plan, 'fingerprint'>): string {
  const patterns = new Map(plan.subTopologies.flatMap(matched))
  const asWritten = (topics: readonly string[]) =>
    // Where matched topics stand among the others is not the pattern's.
    patterns.size === 0
      ? topics
      : [...new Set(topics.map((topic) => patterns.get(topic) ?? topic))].toSorted()
  const text = JSON.stringify({
    application: plan.application,
    subTopologies: plan.subTopologies.map((sub) => identity(sub, asWritten)),
    internalTopics: plan.internalTopics.map((topic) => {
      if (topic.kind !== 'repartition') return [topic.name, topic.store]
      const { name, partitions } = topic
      if (typeof partitions === 'number') return [name, partitions]
      return [name, { largestOf: asWritten(partitions.largestOf) }]
    }),
  })
  return fnv1a(text, 0x811c9dc5) + fnv1a(text, 0x2f0b4c47)
}

/** Topics that a pattern stands for: workers may know of different ones for a while. */
function matched({ steps }: SubTopology): readonly (readonly [string, string])[] {
  return steps.flatMap((step) => {
    const { topics = [], pattern } = step.kind === 'source' ? step.source : {}
    return pattern === undefined ? [] : topics.map((topic) => [topic, String(pattern)] as const)
  })
}

function identity(sub: SubTopology, asWritten: (topics: readonly string[]) => readonly string[]) {
  return {
    sources: asWritten(sub.sourceTopics),
    stores: sub.stores.map(({ name, key, value, window, times }) => [
      name,
      key.name,
      value.name,
      ...(window === undefined ? [] : [window]),
      ...(times === undefined ? [] : [times]),
    ]),
    repartitions: sub.steps.flatMap((step) =>
      step.kind === 'sink' && step.repartition
        ? [[step.spec.topics[0], step.spec.key.name, step.carriesValue && step.spec.value.name]]
        : [],
    ),
  }
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function fnv1a(text: string, basis: number): string {
  let hash = basis
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (code >>> 8), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
