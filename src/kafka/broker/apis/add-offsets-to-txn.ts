import { addOffsetsToTxn } from '../../protocol/messages/index.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import { olderFencing } from './init-producer-id.ts'

export const addOffsetsToTxnApi = handler(addOffsetsToTxn, (cluster, message, request) => {
  const { transactionalId, groupId } = message
  const errorCode =
    cluster.coordinator('transaction', transactionalId) === request.node
      ? cluster.transactions.addGroup(transactionalId, message, groupId, cluster.nowMs)
      : code.notCoordinator
  return {
    answer: { throttleTimeMs: 0, errorCode: olderFencing(errorCode, request.apiVersion, 2) },
  }
})
