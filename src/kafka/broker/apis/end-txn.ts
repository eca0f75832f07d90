import { endTxn } from '../../protocol/messages/index.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import { olderFencing } from './init-producer-id.ts'

/** Version 5 is transaction protocol 2: it bumps the epoch and answers with the new one. */
export const endTxnApi = handler(endTxn, (cluster, message, request) => {
  const { transactionalId } = message
  if (cluster.coordinator('transaction', transactionalId) !== request.node) {
    return { answer: { throttleTimeMs: 0, errorCode: code.notCoordinator } }
  }
  const bumps = request.apiVersion >= 5
  const ended = cluster.transactions.end(transactionalId, { ...message, bumps }, cluster.nowMs)
  const errorCode = olderFencing(ended.code, request.apiVersion, 2)
  const { producerId, producerEpoch } = ended
  return { answer: { throttleTimeMs: 0, errorCode, producerId, producerEpoch } }
})
