import { initProducerId } from '../../protocol/messages/index.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'

export const initProducerIdApi = handler(initProducerId, (cluster, message, request) => {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = message
  const { transactions } = cluster
  if (transactionalId === null) {
    const fresh = transactions.newProducerId()
    return {
      answer: { throttleTimeMs: 0, errorCode: 0, producerId: fresh, producerEpoch: 0 },
    }
  }
  const refuse = (errorCode: number) => ({
    answer: { throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 },
  })
  if (cluster.coordinator('transaction', transactionalId) !== request.node) {
    return refuse(code.notCoordinator)
  }
  if (producerId < 0 !== producerEpoch < 0) return refuse(code.invalidRequest)
  const expected = producerId < 0 ? undefined : { producerId, producerEpoch }
  const { nowMs } = cluster
  const answer = transactions.initialise(transactionalId, transactionTimeoutMs, expected, nowMs)
  if (answer.code !== code.none) {
    return refuse(olderFencing(answer.code, request.apiVersion, 4))
  }
  return {
    answer: {
      throttleTimeMs: 0,
      errorCode: 0,
      producerId: answer.producerId,
      producerEpoch: answer.producerEpoch,
    },
  }
})

/** Clients before KIP-588 know fencing as INVALID_PRODUCER_EPOCH. */
export function olderFencing(errorCode: number, version: number, since: number): number {
  const older = version < since && errorCode === code.producerFenced
  return older ? code.invalidProducerEpoch : errorCode
}
