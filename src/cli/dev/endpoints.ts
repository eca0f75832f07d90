import type { Plan } from '../../plan/plan.ts'
import { usage } from '../failures.ts'
import type { LineSerdes } from './lines.ts'

export interface Endpoint extends LineSerdes {
  readonly topic: string
}

/** Where a topology takes records in, and where it gives them out. */
export interface Endpoints {
  readonly source: Endpoint
  /** Dead-letter topics carry the bytes of their input: they have no serdes. */
  readonly outputs: ReadonlyMap<string, LineSerdes | undefined>
}

/**
 * @param wanted Source topic for the lines; else the first that the topology names.
 * @throws StreamError `COMMAND_LINE_INVALID` when the topology does not read it
 */
export function endpointsOf(plan: Plan, wanted: string | undefined): Endpoints {
  const steps = plan.subTopologies.flatMap((sub) => sub.steps)
  const sources = steps.flatMap((step) => {
    if (step.kind !== 'source' || step.repartition) return []
    const { key, value, topics } = step.source
    return topics.map((topic) => ({ topic, key, value }))
  })
  const source = wanted === undefined ? sources[0] : sources.find(({ topic }) => topic === wanted)
  if (source === undefined) {
    const topics = sources.map(({ topic }) => topic).join(', ')
    throw usage('COMMAND_LINE_INVALID', `--topic ${wanted}: the topology reads ${topics}`)
  }
  const outputs = new Map<string, LineSerdes | undefined>()
  for (const topic of plan.subTopologies.flatMap((sub) => sub.sinkTopics)) {
    outputs.set(topic, undefined)
  }
  for (const step of steps) {
    if (step.kind !== 'sink' || step.repartition) continue
    for (const topic of step.spec.topics) outputs.set(topic, step.spec)
  }
  return { source, outputs }
}
