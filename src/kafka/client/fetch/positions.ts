/** Questions about a position that a fetch answer leaves open. */
import type { NodeId } from '../../../model/ids.ts'
import { listOffsets, offsetForLeaderEpoch } from '../../protocol/messages/index.ts'
import type { WireLane } from '../../wire.ts'
import type { ClientContext } from '../context.ts'
import { check } from '../failure.ts'
import type { Cursor } from './cursor.ts'

const earliest = -2
const doing = 'checking a fetch position'

/**
 * The first offset that is left, which an out-of-range answer does not tell. @throws StreamError
 */
export async function logStart(
  context: ClientContext,
  lane: WireLane,
  node: NodeId,
  cursor: Cursor,
): Promise<number> {
  const { topic, partition } = cursor
  const partitions = [{ partitionIndex: partition, timestamp: earliest }]
  const answer = await context.requests.send(listOffsets, {
    node,
    lane,
    message: { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }] },
    timeoutMs: context.requestTimeoutMs,
  })
  const found = answer.topics[0]?.partitions[0]
  check(found?.errorCode ?? -1, doing, { topic, partition })
  return found?.offset ?? 0
}

/**
 * For brokers whose fetch answers do not tell it (before version 12): where the log was cut off
 * below a cursor's position, asked after its leader has changed. Cursors whose position stands are
 * not in the answer.
 * @throws StreamError
 */
export async function truncations(
  context: ClientContext,
  lane: WireLane,
  node: NodeId,
  cursors: readonly Cursor[],
): Promise<ReadonlyMap<Cursor, number>> {
  const topics = cursors.map((cursor) => {
    const currentLeaderEpoch = context.metadata.leader(cursor)?.epoch ?? -1
    const { topic, partition, lastEpoch: leaderEpoch } = cursor
    return { topic, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] }
  })
  const answer = await context.requests.send(offsetForLeaderEpoch, {
    node,
    lane,
    message: { replicaId: -1, topics },
    timeoutMs: context.requestTimeoutMs,
  })
  const cut = new Map<Cursor, number>()
  for (const cursor of cursors) {
    const { topic, partition } = cursor
    const found = answer.topics
      .filter((one) => one.topic === topic)
      .flatMap((one) => one.partitions)
      .find((one) => one.partition === partition)
    check(found?.errorCode ?? -1, doing, { topic, partition })
    // −1: the broker knows no epoch that old, so it cannot tell.
    const end = found?.endOffset ?? -1
    if (end >= 0 && end < cursor.fetchOffset) cut.set(cursor, end)
  }
  return cut
}
