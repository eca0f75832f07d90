import { txnOffsetCommit } from '../../protocol/messages/index.ts'
import type { Decoded } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import type { Group } from '../groups/group.ts'
import { commitProblem } from '../groups/membership.ts'
import { handler } from '../handler.ts'
import type { BrokerRequest } from '../request.ts'
import { positionOf, positionProblem } from './offset-commit.ts'

type CommitRequest = Decoded<typeof txnOffsetCommit.request>

/** From version 5 on the commit makes the group part of the transaction (KIP-890). */
const addsGroupSince = 5
const genericErrorsSince = 4

export const txnOffsetCommitApi = handler(txnOffsetCommit, (cluster, message, request) => {
  const group = committingGroup(cluster, message, request)
  let pending = 0
  const topics = message.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((asked) => {
      const { partitionIndex } = asked
      if (typeof group === 'number') return { partitionIndex, errorCode: group }
      const errorCode = positionProblem(cluster, name, asked)
      if (errorCode === code.none) {
        const place = { topic: name, partition: partitionIndex }
        group.offsets.commitPending(message.producerId, place, positionOf(asked))
        pending++
      }
      return { partitionIndex, errorCode }
    }),
  }))
  if (pending > 0) cluster.offsets.addPending(message.groupId, message, pending, cluster.nowMs)
  return { answer: { throttleTimeMs: 0, topics } }
})

function committingGroup(
  cluster: Cluster,
  message: CommitRequest,
  request: BrokerRequest,
): Group | number {
  const { groupId, generationId, memberId, groupInstanceId } = message
  if (groupId === '') return code.invalidGroupId
  if (cluster.coordinator('group', groupId) !== request.node) return code.notCoordinator
  // As in Apache Kafka the transaction is looked at before the membership: a commit that is refused
  // for its generation may have begun a transaction, which its owner has to abort.
  const transaction = transactionProblem(cluster, message, request.apiVersion)
  if (transaction !== code.none) return transaction
  const known = cluster.groups.get(groupId)
  if (known === undefined && generationId >= 0) return code.illegalGeneration
  const group = known ?? cluster.groups.getOrCreate(groupId)
  const committer = { memberId, groupInstanceId, generation: generationId }
  const problem = commitProblem(group, committer, true)
  return problem === code.none ? group : problem
}

function transactionProblem(cluster: Cluster, message: CommitRequest, version: number): number {
  const { transactionalId, groupId } = message
  const { transactions, nowMs } = cluster
  const result =
    version >= addsGroupSince
      ? transactions.addGroup(transactionalId, message, groupId, nowMs)
      : transactions.verify(transactionalId, message, groupId)
  if (result === code.producerFenced) return code.invalidProducerEpoch
  if (result === code.transactionAbortable && version < genericErrorsSince) {
    return code.invalidTxnState
  }
  const retried = result === code.concurrentTransactions && version < addsGroupSince
  return retried ? code.coordinatorNotAvailable : result
}
