import { findCoordinator } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'

type Answer = Encodable<typeof findCoordinator.response>
type Found = NonNullable<Answer['coordinators']>[number]

const groupKey = 0
const transactionKey = 1

/** From version 4 on several keys at once; before, one. */
export const findCoordinatorApi = handler(findCoordinator, (cluster, message, { apiVersion }) => {
  const { key, keyType, coordinatorKeys } = message
  if (apiVersion >= 4) {
    const coordinators = coordinatorKeys.map((key) => find(cluster, key, keyType))
    return { answer: { throttleTimeMs: 0, coordinators } }
  }
  return { answer: { throttleTimeMs: 0, ...find(cluster, key, keyType) } }
})

function find(cluster: Cluster, key: string, keyType: number): Found {
  if (keyType !== groupKey && keyType !== transactionKey) {
    return unknown(key, code.invalidRequest)
  }
  const kind = keyType === groupKey ? 'group' : 'transaction'
  const { nodeId, host, port } = cluster.address(cluster.coordinator(kind, key))
  return { key, nodeId, host, port, errorCode: 0, errorMessage: null }
}

function unknown(key: string, errorCode: number): Found {
  const errorMessage = 'the key type is neither group nor transaction'
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage }
}
