import { offsetForLeaderEpoch } from '../../protocol/messages/index.ts'
import { handler } from '../handler.ts'

export const offsetForLeaderEpochApi = handler(
  offsetForLeaderEpoch,
  (cluster, message, request) => {
    const topics = message.topics.map(({ topic: name, partitions }) => {
      const topic = cluster.topics.get(name)
      const answers = partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
        const led = cluster.led(topic, partition, request, currentLeaderEpoch)
        if ('code' in led) return { errorCode: led.code, partition }
        const { log } = led.partition
        const { epoch, endOffset } = log.epochs.endOf(leaderEpoch, log.endOffset)
        return { errorCode: 0, partition, leaderEpoch: epoch, endOffset }
      })
      return { topic: name, partitions: answers }
    })
    return { answer: { throttleTimeMs: 0, topics } }
  },
)
