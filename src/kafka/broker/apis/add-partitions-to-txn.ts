import { addPartitionsToTxn } from '../../protocol/messages/index.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'
import type { ProducerIdentity, TransactionPartition } from '../transactions/transactional-id.ts'
import { olderFencing } from './init-producer-id.ts'

interface TopicPartitions {
  readonly name: string
  readonly partitions: readonly number[]
}

interface Addition extends ProducerIdentity {
  readonly transactionalId: string
  readonly verifyOnly: boolean
  readonly topics: readonly TopicPartitions[]
}

/** Up to version 3 one transaction, from clients; then several, from brokers. */
export const addPartitionsToTxnApi = handler(addPartitionsToTxn, (cluster, message, request) => {
  if (request.apiVersion >= 4) {
    const resultsByTransaction = message.transactions.map((addition) => ({
      transactionalId: addition.transactionalId,
      topicResults: add(cluster, addition, request),
    }))
    return { answer: { throttleTimeMs: 0, resultsByTransaction } }
  }
  const addition: Addition = {
    transactionalId: message.v3AndBelowTransactionalId,
    producerId: message.v3AndBelowProducerId,
    producerEpoch: message.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: message.v3AndBelowTopics,
  }
  const resultsByTopicV3AndBelow = add(cluster, addition, request)
  return { answer: { throttleTimeMs: 0, resultsByTopicV3AndBelow } }
})

function add(cluster: Cluster, addition: Addition, request: BrokerRequest) {
  const judge = judgement(cluster, addition, request)
  return addition.topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: olderFencing(
        judge({ topic: name, partition: partitionIndex }),
        request.apiVersion,
        2,
      ),
    })),
  }))
}

/** All partitions are added, or none: one that does not exist keeps the others out. */
function judgement(
  cluster: Cluster,
  addition: Addition,
  request: BrokerRequest,
): (partition: TransactionPartition) => number {
  const { transactionalId, topics, verifyOnly } = addition
  if (cluster.coordinator('transaction', transactionalId) !== request.node) {
    return () => code.notCoordinator
  }
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition })),
  )
  const { transactions } = cluster
  if (verifyOnly) return (part) => transactions.verify(transactionalId, addition, part)
  const exists = ({ topic, partition }: TransactionPartition) =>
    cluster.topics.get(topic)?.partitions[partition] !== undefined
  if (!all.every(exists)) {
    return (part) => (exists(part) ? code.operationNotAttempted : code.unknownTopicOrPartition)
  }
  const result = transactions.add(transactionalId, addition, all, cluster.nowMs)
  return () => result
}
