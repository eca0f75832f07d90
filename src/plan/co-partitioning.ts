import { storesOf } from '../operators/stores.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { PlanStep } from './plan.ts'

/** Groups of source topics that meet in one store: tasks hold the same number of each of them. */
export function coPartitionedTopics(steps: readonly PlanStep[]): readonly (readonly string[])[] {
  const reaching = topicsReaching(steps)
  const sharing = new Map<StoreSpec, ReadonlySet<string>>()
  let groups: ReadonlySet<string>[] = []
  for (const [index, step] of steps.entries()) {
    if (step.kind !== 'operator') continue
    const topics = reaching[index] ?? new Set()
    for (const store of storesOf(step.spec)) {
      // Several operators may share a store.
      const meeting = new Set([...(sharing.get(store) ?? []), ...topics])
      sharing.set(store, meeting)
      groups = united(groups, meeting)
    }
    const met = step.lookups.flatMap((edge) => [...(reaching[edge.node] ?? [])])
    if (met.length > 0) groups = united(groups, new Set([...topics, ...met]))
  }
  return groups
    .filter((group) => group.size > 1)
    .map((group) => Object.freeze([...group].toSorted()))
}

/** Source topics whose records make the tables that other steps look up. */
export function lookedUpTopics(steps: readonly PlanStep[]): ReadonlySet<string> {
  const reaching = topicsReaching(steps)
  const tables = steps.flatMap((step) => (step.kind === 'operator' ? step.lookups : []))
  return new Set(tables.flatMap((edge) => [...(reaching[edge.node] ?? [])]))
}

function topicsReaching(steps: readonly PlanStep[]): readonly ReadonlySet<string>[] {
  const reaching: ReadonlySet<string>[] = []
  for (const step of steps) {
    const topics = new Set(step.inputs.flatMap((edge) => [...(reaching[edge.node] ?? [])]))
    if (step.kind === 'source') for (const topic of step.source.topics) topics.add(topic)
    reaching.push(topics)
  }
  return reaching
}

/** Groups that share a topic are one. */
function united(groups: readonly ReadonlySet<string>[], topics: ReadonlySet<string>) {
  const meets = (group: ReadonlySet<string>) => [...group].some((topic) => topics.has(topic))
  const apart = groups.filter((group) => !meets(group))
  const overlapping = groups.filter(meets)
  return [...apart, new Set([...topics, ...overlapping.flatMap((group) => [...group])])]
}
