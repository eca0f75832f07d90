/** What has to hold of the cluster, whatever the topology is; each check answers what is wrong. */
import type { Cluster } from '../../kafka/broker/cluster.ts'
import { partitionName } from '../../model/ids.ts'
import type { Plan, SubTopology } from '../../plan/plan.ts'
import { committedOf } from './committed-log.ts'

/** What was wrong, and which check found it. */
export interface Finding {
  readonly check: string
  readonly message: string
}

/** No transaction is left open anywhere. */
export function checkHanging(plan: Plan, cluster: Cluster): readonly Finding[] {
  const open = cluster.topics.all().flatMap((topic) =>
    topic.partitions.flatMap(({ log }) => {
      if (log.lastStableOffset === log.endOffset) return []
      const where = partitionName({ topic: topic.name, partition: log.partition })
      const message = `${where} has an open transaction at ${log.lastStableOffset}`
      return [{ check: 'no-hanging-transaction', message }]
    }),
  )
  const unstable = sources(plan, cluster).filter(({ topic, partition }) =>
    cluster.groups.get(plan.application)?.offsets.isUnstable(topic, partition),
  )
  const positions = unstable.map((one) => ({
    check: 'no-hanging-transaction',
    message: `the position of ${partitionName(one)} waits for a transaction`,
  }))
  return [...open, ...positions]
}

/** Committed input that has no committed position behind it, by partition. */
export function unread(plan: Plan, cluster: Cluster): readonly string[] {
  const offsets = cluster.groups.get(plan.application)?.offsets
  return sources(plan, cluster).flatMap(({ topic, partition, log }) => {
    const position = offsets?.get(topic, partition)?.offset ?? 0
    const behind = committedOf(log, position)
    const open = log.lastStableOffset < log.endOffset
    if (behind.length === 0 && !open) return []
    return [`${topic}-${partition}: ${position} of ${log.endOffset}${open ? ', open' : ''}`]
  })
}

function sources(plan: Plan, cluster: Cluster) {
  return plan.subTopologies
    .flatMap(({ sourceTopics }: SubTopology) => sourceTopics)
    .flatMap((topic) =>
      (cluster.topics.get(topic)?.partitions ?? []).map(({ log }) => ({
        topic,
        partition: log.partition,
        log,
      })),
    )
}
