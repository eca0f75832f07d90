import { produce } from '../../protocol/messages/index.ts'
import type { Decoded, Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import { appendRecords } from '../log/append.ts'
import type { BrokerRequest } from '../request.ts'
import type { Partition, Topic } from '../topics.ts'

type ProduceRequest = Decoded<typeof produce.request>
type TopicRequest = ProduceRequest['topicData'][number]
type PartitionRequest = TopicRequest['partitionData'][number]
type TopicAnswer = Encodable<typeof produce.response>['responses'][number]
type PartitionAnswer = TopicAnswer['partitionResponses'][number]

export const produceApi = handler(produce, (cluster, message, request) => {
  const responses = message.topicData.map((topic) => produceTopic(cluster, message, topic, request))
  if (message.acks === 0) return 'nothing'
  return { answer: { responses } }
})

function produceTopic(
  cluster: Cluster,
  message: ProduceRequest,
  asked: TopicRequest,
  request: BrokerRequest,
): TopicAnswer {
  const topic = cluster.topics.find(asked.name, asked.topicId)
  const partitionResponses = asked.partitionData.map((partition) => {
    if (topic === undefined && request.apiVersion >= 13) {
      return refused(partition.index, code.unknownTopicId)
    }
    return producePartition(cluster, message, topic, partition, request)
  })
  return { name: asked.name, topicId: asked.topicId, partitionResponses }
}

function producePartition(
  cluster: Cluster,
  message: ProduceRequest,
  topic: Topic | undefined,
  { index, records }: PartitionRequest,
  request: BrokerRequest,
): PartitionAnswer {
  if (![-1, 0, 1].includes(message.acks)) return refused(index, code.invalidRequiredAcks)
  const led = cluster.led(topic, index, request)
  if ('code' in led) return refused(index, led.code, undefined, topic?.partitions[index])
  if (topic === undefined || records === null) return refused(index, code.invalidRecord)
  const appended = appendRecords(cluster, topic, led.partition, records, {
    transactionalId: message.transactionalId,
    version: request.apiVersion,
  })
  if (appended.kind === 'refused') return refused(index, appended.code, appended.message)
  return {
    index,
    errorCode: 0,
    baseOffset: appended.baseOffset,
    logAppendTimeMs: appended.appendTimeMs,
    logStartOffset: led.partition.log.startOffset,
  }
}

function refused(
  index: number,
  errorCode: number,
  message?: string,
  known?: Partition,
): PartitionAnswer {
  const currentLeader =
    known === undefined ? {} : { leaderId: known.leader, leaderEpoch: known.leaderEpoch }
  return { index, errorCode, baseOffset: -1, errorMessage: message ?? null, currentLeader }
}
