import { describeProducers } from '../../protocol/messages/index.ts'
import { offsetsTopic } from '../../protocol/offsets-topic.ts'
import type { Cluster } from '../cluster.ts'
import { handler } from '../handler.ts'
import type { ProducerState } from '../log/producer-state.ts'
import type { BrokerRequest } from '../request.ts'

export const describeProducersApi = handler(describeProducers, (cluster, message, request) => {
  const topics = message.topics.map(({ name, partitionIndexes }) => {
    const partitions = partitionIndexes.map((partitionIndex) => {
      const producers = producersOf(cluster, name, partitionIndex, request)
      if (typeof producers === 'number') {
        return { partitionIndex, errorCode: producers, activeProducers: [] }
      }
      const activeProducers = Array.from(producers, ([producerId, state]) => ({
        producerId,
        producerEpoch: state.epoch,
        lastSequence: state.lastSequence,
        lastTimestamp: state.lastTimestamp,
        coordinatorEpoch: state.coordinatorEpoch,
        currentTxnStartOffset: state.transactionStart ?? -1,
      }))
      return { partitionIndex, errorCode: 0, activeProducers }
    })
    return { name, partitions }
  })
  return { answer: { throttleTimeMs: 0, topics } }
})

/** What is known of producers on a partition, or why this node does not tell. */
function producersOf(
  cluster: Cluster,
  topic: string,
  partition: number,
  request: BrokerRequest,
): ReadonlyMap<number, ProducerState> | number {
  if (topic === offsetsTopic) {
    const led = cluster.offsets.led(partition, request.node)
    return 'code' in led ? led.code : led.partition.producers
  }
  const led = cluster.led(cluster.topics.get(topic), partition, request)
  return 'code' in led ? led.code : led.partition.log.producers
}
