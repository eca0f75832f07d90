import { describeCluster } from '../../protocol/messages/index.ts'
import { handler } from '../handler.ts'

export const describeClusterApi = handler(describeCluster, (cluster, message) => ({
  answer: {
    throttleTimeMs: 0,
    errorCode: 0,
    endpointType: message.endpointType,
    clusterId: cluster.options.clusterId,
    controllerId: cluster.controller,
    brokers: cluster
      .addresses()
      .map(({ nodeId, host, port, rack }) => ({ brokerId: nodeId, host, port, rack })),
  },
}))
