import type { KafkaClient } from '../../kafka/client/port.ts'
import type { TopicPartition } from '../../model/ids.ts'

/** Every partition of these topics, as far as they exist. */
export async function partitionsOf(
  { admin }: KafkaClient,
  topics: readonly string[],
): Promise<readonly TopicPartition[]> {
  const found = await admin.describeTopics(topics)
  return Array.from(found.values()).flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
  )
}
