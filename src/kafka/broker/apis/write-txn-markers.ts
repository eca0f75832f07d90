import { writeTxnMarkers } from '../../protocol/messages/index.ts'
import { offsetsTopic } from '../../protocol/offsets-topic.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import type { Marker, ProducerState } from '../log/producer-state.ts'
import type { BrokerRequest } from '../request.ts'

/** From this transaction version on a marker's epoch is above that of the data (KIP-1228). */
const bumpsSince = 2

/**
 * What coordinators ask of leaders. Clients with the right to alter the cluster may ask it too, to
 * end a transaction whose coordinator has forgotten it (KIP-664).
 */
export const writeTxnMarkersApi = handler(writeTxnMarkers, (cluster, message, request) => {
  const markers = message.markers.map(({ topics, ...asked }) => {
    const marker = { ...asked, committed: asked.transactionResult }
    const bumped = asked.transactionVersion >= bumpsSince
    const ended = topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const place = { topic: name, partition: partitionIndex, bumped }
        return { partitionIndex, errorCode: write(cluster, marker, place, request) }
      }),
    }))
    return { producerId: asked.producerId, topics: ended }
  })
  return { answer: { markers } }
})

interface Place {
  readonly topic: string
  readonly partition: number
  readonly bumped: boolean
}

/** The error code. Without an open transaction the marker is written all the same. */
function write(cluster: Cluster, marker: Marker, place: Place, request: BrokerRequest): number {
  const { topic, partition } = place
  if (topic === offsetsTopic) {
    const led = cluster.offsets.led(partition, request.node)
    if ('code' in led) return led.code
    const problem = markerProblem(led.partition.producers, marker, place)
    if (problem === code.none) cluster.endPositions(partition, marker)
    return problem
  }
  const led = cluster.led(cluster.topics.get(topic), partition, request)
  if ('code' in led) return led.code
  const problem = markerProblem(led.partition.log.producers, marker, place)
  if (problem === code.none) cluster.writeMarker(led.partition, marker)
  return problem
}

function markerProblem(
  producers: ReadonlyMap<number, ProducerState>,
  marker: Marker,
  { bumped }: Place,
): number {
  // Apache Kafka fails to build such a batch.
  if (marker.producerId < 0 || marker.producerEpoch < 0) return code.unknownServerError
  return producers.get(marker.producerId)?.judgeMarker(marker, bumped) ?? code.none
}
