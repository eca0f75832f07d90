/** By which rules this worker leads, as far as copies of stores go. */
import type { Settings } from '../config/option-table.ts'
import type { ReplicaRules } from '../group/replicas.ts'
import type { Plan } from '../plan/plan.ts'
import type { StoreSpec } from '../state/spec.ts'

export function replicaRules({ subTopologies }: Plan, settings: Settings): ReplicaRules {
  const { numStandby, acceptableLag } = settings
  const outlives = ({ changelog, sourceTopic }: StoreSpec) =>
    changelog !== false || sourceTopic !== undefined
  const stateful = subTopologies.map(({ stores }) => stores.some(outlives))
  return { standbys: numStandby, acceptableLag, stateful }
}
