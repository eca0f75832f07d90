import { describeTransactions } from '../../protocol/messages/index.ts'
import { offsetsTopic } from '../../protocol/offsets-topic.ts'
import type { Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'
import type { TransactionalId } from '../transactions/transactional-id.ts'

type Answer = Encodable<typeof describeTransactions.response>['transactionStates'][number]

export const describeTransactionsApi = handler(
  describeTransactions,
  (cluster, message, request) => {
    const transactionStates = message.transactionalIds.map((id) => describe(cluster, id, request))
    return { answer: { throttleTimeMs: 0, transactionStates } }
  },
)

function describe(cluster: Cluster, id: string, request: BrokerRequest): Answer {
  if (id === '') return refused(id, code.invalidRequest)
  if (cluster.coordinator('transaction', id) !== request.node) {
    return refused(id, code.notCoordinator)
  }
  const transaction = cluster.transactions.get(id)
  if (transaction === undefined) return refused(id, code.transactionalIdNotFound)
  return {
    errorCode: 0,
    transactionalId: id,
    transactionState: transaction.phase,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: byTopic(cluster, transaction),
  }
}

/** Groups are named by the partition that holds their positions. */
function byTopic(cluster: Cluster, transaction: TransactionalId): Answer['topics'] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of transaction.partitions) {
    topics.set(topic, [...(topics.get(topic) ?? []), partition])
  }
  const ofGroups = new Set(transaction.groups.map((group) => cluster.offsets.partitionOf(group)))
  if (ofGroups.size > 0) topics.set(offsetsTopic, [...ofGroups])
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }))
}

function refused(transactionalId: string, errorCode: number): Answer {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  }
}
