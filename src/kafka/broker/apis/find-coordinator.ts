import { findCoordinator } from '../../protocol/messages/index.ts'
import type { NodeId } from '../../../model/ids.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'

interface Found {
  readonly key: string
  readonly nodeId: NodeId | -1
  readonly host: string
  readonly port: number
  readonly errorCode: number
  readonly errorMessage: string
}

const groupKey = 0
const transactionKey = 1

/** From version 4 on several keys at once; before, one. */
export const findCoordinatorApi = handler(findCoordinator, (cluster, message, { apiVersion }) => {
  const { key, keyType, coordinatorKeys } = message
  if (apiVersion >= 4) {
    const coordinators = coordinatorKeys.map((key) => find(cluster, key, keyType))
    return { answer: { throttleTimeMs: 0, coordinators } }
  }
  const found = find(cluster, key, keyType)
  const errorMessage = found.errorCode === 0 ? 'NONE' : found.errorMessage
  return { answer: { throttleTimeMs: 0, ...found, errorMessage } }
})

function find(cluster: Cluster, key: string, keyType: number): Found {
  if (keyType !== groupKey && keyType !== transactionKey) {
    return unknown(key, code.invalidRequest)
  }
  const kind = keyType === groupKey ? 'group' : 'transaction'
  const { nodeId, host, port } = cluster.address(cluster.coordinator(kind, key))
  return { key, nodeId, host, port, errorCode: 0, errorMessage: '' }
}

function unknown(key: string, errorCode: number): Found {
  const errorMessage = 'the key type is neither group nor transaction'
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage }
}
