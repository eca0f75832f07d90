/** Asks each partition's leader, again for those partitions whose leader has moved. */
import { type NodeId, partitionName, type TopicPartition } from '../../../model/ids.ts'
import { kafkaError } from '../../protocol/error-codes.ts'
import type { ClientContext } from '../context.ts'

export interface PartitionAnswer<Result> extends TopicPartition {
  readonly errorCode: number
  readonly result: Result
}

/** Topics with their partitions, as request tables want them. */
export interface TopicGroup<P extends TopicPartition> {
  readonly name: string
  readonly partitions: readonly P[]
}

/**
 * Results by partition name.
 * @throws StreamError when a partition fails for good, or does not succeed within the time-out.
 */
export async function askLeaders<P extends TopicPartition, Result>(
  context: ClientContext,
  doing: string,
  partitions: readonly P[],
  ask: (
    node: NodeId,
    topics: readonly TopicGroup<P>[],
    timeoutMs: number,
  ) => Promise<readonly PartitionAnswer<Result>[]>,
): Promise<ReadonlyMap<string, Result>> {
  const results = new Map<string, Result>()
  const { requests, metadata, requestTimeoutMs } = context
  const rules = { doing, timeoutMs: requestTimeoutMs, refresh: () => metadata.expire() }
  await requests.retrying(rules, async (remainingMs) => {
    const missing = partitions.filter((partition) => !results.has(partitionName(partition)))
    const byNode = await leaders(context, missing, remainingMs)
    const answers = await Promise.all(
      Array.from(byNode, ([node, group]) => ask(node, byTopic(group), remainingMs)),
    )
    let failed: PartitionAnswer<Result> | undefined
    for (const answer of answers.flat()) {
      if (answer.errorCode === 0) results.set(partitionName(answer), answer.result)
      else failed ??= answer
    }
    if (failed === undefined) return
    const { topic, partition, errorCode } = failed
    throw kafkaError(errorCode, { doing, where: { topic, partition } })
  })
  return results
}

async function leaders<P extends TopicPartition>(
  { metadata }: ClientContext,
  partitions: readonly P[],
  timeoutMs: number,
): Promise<ReadonlyMap<NodeId, readonly P[]>> {
  const groups = new Map<NodeId, P[]>()
  for (const partition of partitions) {
    const { node } = await metadata.leaderOf(partition, timeoutMs)
    const group = groups.get(node)
    if (group === undefined) groups.set(node, [partition])
    else group.push(partition)
  }
  return groups
}

export function byTopic<P extends TopicPartition>(
  partitions: readonly P[],
): readonly TopicGroup<P>[] {
  const groups = new Map<string, P[]>()
  for (const partition of partitions) {
    const group = groups.get(partition.topic)
    if (group === undefined) groups.set(partition.topic, [partition])
    else group.push(partition)
  }
  return Array.from(groups, ([name, group]) => ({ name, partitions: group }))
}
