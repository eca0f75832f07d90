import type { PlanStep } from './plan.ts'

/** Groups of source topics that meet in one store: tasks hold the same number of each of them. */
export function coPartitionedTopics(steps: readonly PlanStep[]): readonly (readonly string[])[] {
  const reaching: ReadonlySet<string>[] = []
  let groups: ReadonlySet<string>[] = []
  for (const step of steps) {
    const topics = new Set(step.inputs.flatMap((edge) => [...(reaching[edge.node] ?? [])]))
    if (step.kind === 'source') for (const topic of step.source.topics) topics.add(topic)
    reaching.push(topics)
    if (ownsStore(step)) groups = united(groups, topics)
  }
  return groups
    .filter((group) => group.size > 1)
    .map((group) => Object.freeze([...group].toSorted()))
}

function ownsStore(step: PlanStep): boolean {
  return step.kind === 'operator' && 'store' in step.spec
}

/** Groups that share a topic are one. */
function united(groups: readonly ReadonlySet<string>[], topics: ReadonlySet<string>) {
  const meets = (group: ReadonlySet<string>) => [...group].some((topic) => topics.has(topic))
  const apart = groups.filter((group) => !meets(group))
  const overlapping = groups.filter(meets)
  return [...apart, new Set([...topics, ...overlapping.flatMap((group) => [...group])])]
}
