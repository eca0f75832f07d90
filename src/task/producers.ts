import type { Plan, SubTopology } from '../plan/plan.ts'

/**
 * How many tasks write a repartition topic: one for each partition of each sub-topology that has a
 * sink to it.
 */
export function producersOf(
  topic: string,
  plan: Plan,
  partitionsOf: (topic: string) => number,
): number {
  let producers = 0
  for (const subTopology of plan.subTopologies) {
    const writes = subTopology.steps.some(
      (step) => step.kind === 'sink' && step.spec.topics.includes(topic),
    )
    if (writes) producers += tasksOf(subTopology, partitionsOf)
  }
  return producers
}

/** As many as the topics that a sub-topology reads have partitions. */
export function tasksOf(
  { sourceTopics }: SubTopology,
  partitionsOf: (topic: string) => number,
): number {
  return Math.max(0, ...sourceTopics.map(partitionsOf))
}
