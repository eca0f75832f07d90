/** One fetch request to one node, and its answer taken apart by partition. */
import type { NodeId } from '../../../model/ids.ts'
import { fetch } from '../../protocol/messages/index.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { ApiVersionTable } from '../../wire.ts'
import type { Metadata } from '../metadata.ts'
import type { FetcherOptions } from '../port.ts'
import { chooseVersion } from '../versions.ts'
import type { Cursor } from './cursor.ts'

export type FetchAnswer = Decoded<(typeof fetch)['response']>
export type PartitionAnswer = FetchAnswer['responses'][number]['partitions'][number]

/** From here on topics go by their ids, and a truncated log is told in the answer (KIP-595). */
export const topicIdVersion = 13
export const divergingEpochVersion = 12
const oldestVersion = 4
const noTopicId = '0'.repeat(32)

/** Names where any of the topics has no id: it was created before the broker knew ids. */
export function fetchVersion(
  table: ApiVersionTable,
  node: NodeId,
  cursors: readonly Cursor[],
  metadata: Metadata,
): number {
  const named = cursors.some(({ topic }) => (metadata.topic(topic)?.topicId ?? null) === null)
  const max = named ? { max: topicIdVersion - 1 } : {}
  return chooseVersion(fetch, table, node, { min: oldestVersion, ...max })
}

/** The id that a fetch asks by; where ids are not known, fetches go by name. */
export function topicIdOf({ topic, topicId }: Cursor, metadata: Metadata): string {
  return topicId ?? metadata.topic(topic)?.topicId ?? noTopicId
}

/**
 * A full fetch without a session, which has nothing to get out of step with. Partitions come in
 * the order of the cursors: the broker fills the answer in this order.
 */
export function fetchRequest(
  cursors: readonly Cursor[],
  metadata: Metadata,
  options: FetcherOptions,
  { waitMs, bytesMin }: { readonly waitMs: number; readonly bytesMin: number },
): Encodable<(typeof fetch)['request']> {
  const topics: { topic: string; topicId: string; partitions: FetchPartition[] }[] = []
  for (const cursor of cursors) {
    const { topic } = cursor
    const requested = fetchPartition(cursor, metadata, options)
    const last = topics.at(-1)
    const topicId = topicIdOf(cursor, metadata)
    if (last?.topic === topic && last.topicId === topicId) last.partitions.push(requested)
    else topics.push({ topic, topicId, partitions: [requested] })
  }
  return {
    maxWaitMs: waitMs,
    minBytes: bytesMin,
    maxBytes: options.bytesMax,
    isolationLevel: options.isolation === 'read_committed' ? 1 : 0,
    topics,
  }
}

type FetchPartition = ReturnType<typeof fetchPartition>

function fetchPartition(cursor: Cursor, metadata: Metadata, options: FetcherOptions) {
  return {
    partition: cursor.partition,
    currentLeaderEpoch: metadata.leader(cursor)?.epoch ?? -1,
    fetchOffset: cursor.fetchOffset,
    lastFetchedEpoch: cursor.lastEpoch,
    partitionMaxBytes: options.partitionBytesMax,
  }
}

/**
 * The answer of each cursor that the request asked for; those without one are left out.
 * @param asked With the topic ids that the request went by.
 */
export function answersByCursor(
  answer: FetchAnswer,
  asked: ReadonlyMap<Cursor, string>,
): ReadonlyMap<Cursor, PartitionAnswer> {
  const byName = new Map<string, Cursor>()
  const names = new Map<string, string>()
  for (const [cursor, topicId] of asked) {
    byName.set(`${cursor.topic}/${cursor.partition}`, cursor)
    names.set(topicId, cursor.topic)
  }
  const answers = new Map<Cursor, PartitionAnswer>()
  for (const { topic, topicId, partitions } of answer.responses) {
    const name = topic === '' ? names.get(topicId) : topic
    for (const partition of partitions) {
      const cursor = byName.get(`${name}/${partition.partitionIndex}`)
      if (cursor !== undefined) answers.set(cursor, partition)
    }
  }
  return answers
}
