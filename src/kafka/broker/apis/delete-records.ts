import { deleteRecords } from '../../protocol/messages/index.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'
import type { Topic } from '../topics.ts'

type PartitionRequest = Decoded<
  typeof deleteRecords.request
>['topics'][number]['partitions'][number]
type PartitionAnswer = Encodable<
  typeof deleteRecords.response
>['topics'][number]['partitions'][number]

/** Stands for the high watermark. */
const everything = -1

export const deleteRecordsApi = handler(deleteRecords, (cluster, message, request) => {
  const topics = message.topics.map(({ name, partitions }) => {
    const topic = cluster.topics.get(name)
    return { name, partitions: partitions.map((asked) => purge(cluster, topic, asked, request)) }
  })
  return { answer: { throttleTimeMs: 0, topics } }
})

function purge(
  cluster: Cluster,
  topic: Topic | undefined,
  { partitionIndex, offset }: PartitionRequest,
  request: BrokerRequest,
): PartitionAnswer {
  const refuse = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode })
  const led = cluster.led(topic, partitionIndex, request)
  if ('code' in led) return refuse(led.code)
  const { log } = led.partition
  // A topic that is only compacted has no records to be deleted by offset.
  if (topic?.config.list('cleanup.policy').includes('delete') !== true) {
    return refuse(code.policyViolation)
  }
  if (offset < everything || offset > log.endOffset) return refuse(code.offsetOutOfRange)
  log.deleteBefore(offset === everything ? log.endOffset : offset)
  cluster.changed(log)
  return { partitionIndex, lowWatermark: log.startOffset, errorCode: 0 }
}
