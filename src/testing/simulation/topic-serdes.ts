/** How the topics of a plan are read and written by who is outside of it. */
import type { Plan } from '../../plan/plan.ts'
import type { Serde } from '../../serde/serde.ts'
import { bytes } from '../../serde/plain.ts'

interface Serdes {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

export interface OutsideTopics {
  readonly inputs: ReadonlyMap<string, Serdes>
  readonly outputs: ReadonlyMap<string, Serdes>
}

export function outsideTopics(plan: Plan): OutsideTopics {
  const inputs = new Map<string, Serdes>()
  const outputs = new Map<string, Serdes>()
  for (const { steps, sinkTopics } of plan.subTopologies) {
    for (const topic of sinkTopics) outputs.set(topic, { key: bytes, value: bytes })
    for (const step of steps) {
      if (step.kind === 'source' && !step.repartition) {
        const { topics, key, value } = step.source
        for (const topic of topics) inputs.set(topic, { key, value })
      }
      if (step.kind === 'sink' && !step.repartition) {
        const { topics, key, value } = step.spec
        for (const topic of topics) outputs.set(topic, { key, value })
      }
    }
  }
  return { inputs, outputs }
}
