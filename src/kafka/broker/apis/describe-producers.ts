import { describeProducers } from '../../protocol/messages/index.ts'
import { handler } from '../handler.ts'

export const describeProducersApi = handler(describeProducers, (cluster, message, request) => {
  const topics = message.topics.map(({ name, partitionIndexes }) => {
    const topic = cluster.topics.get(name)
    const partitions = partitionIndexes.map((partitionIndex) => {
      const led = cluster.led(topic, partitionIndex, request)
      if ('code' in led) return { partitionIndex, errorCode: led.code, activeProducers: [] }
      const activeProducers = Array.from(led.partition.log.producers, ([producerId, state]) => ({
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
