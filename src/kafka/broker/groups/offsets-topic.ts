/**
 * What clients see of `__consumer_offsets`: who leads its partitions, which is who coordinates
 * their groups, and which producers have positions there that wait for the end of a transaction.
 * The positions themselves are kept with the groups.
 */
import type { NodeId } from '../../../model/ids.ts'
import { offsetsPartition } from '../../protocol/offsets-topic.ts'
import { code } from '../codes.ts'
import { mixedId } from '../ids.ts'
import { type Marker, ProducerState } from '../log/producer-state.ts'
import type { ProducerIdentity } from '../transactions/transactional-id.ts'

/** `offsets.topic.num.partitions`. */
const partitionCount = 50

export interface OffsetsPartition {
  leader: NodeId
  leaderEpoch: number
  endOffset: number
  readonly producers: Map<number, ProducerState>
}

export class OffsetsTopic {
  readonly id: string
  readonly partitions: readonly OffsetsPartition[]

  constructor(seed: string, nodeAt: (partition: number) => NodeId) {
    this.id = mixedId(`${seed}/internal-topic`, 1)
    this.partitions = Array.from({ length: partitionCount }, (_, partition) => ({
      leader: nodeAt(partition),
      leaderEpoch: 0,
      endOffset: 0,
      producers: new Map<number, ProducerState>(),
    }))
  }

  partitionOf(group: string): number {
    return offsetsPartition(group, partitionCount)
  }

  coordinator(group: string): NodeId {
    return this.#partition(this.partitionOf(group)).leader
  }

  move(group: string, to: NodeId): void {
    const partition = this.#partition(this.partitionOf(group))
    partition.leader = to
    partition.leaderEpoch++
  }

  /** The partition if this node leads it, else the error that sends the client elsewhere. */
  led(
    partition: number,
    node: NodeId,
  ): { readonly partition: OffsetsPartition } | { readonly code: number } {
    const found = this.partitions[partition]
    if (found === undefined) return { code: code.unknownTopicOrPartition }
    return found.leader === node ? { partition: found } : { code: code.notLeaderOrFollower }
  }

  /** Notes that positions of a group wait for the end of the producer's transaction. */
  addPending(group: string, producer: ProducerIdentity, count: number, nowMs: number): void {
    const partition = this.#partition(this.partitionOf(group))
    const state = stateOf(partition, producer.producerId)
    const baseOffset = partition.endOffset
    partition.endOffset += count
    state.add({
      producerEpoch: producer.producerEpoch,
      baseSequence: 0,
      baseOffset,
      lastOffset: partition.endOffset - 1,
      maxTimestamp: nowMs,
    })
    state.transactionStart ??= baseOffset
  }

  /** Notes a marker; what it ends are the pending positions of all groups of the partition. */
  addMarker(index: number, marker: Marker, nowMs: number): void {
    const partition = this.#partition(index)
    const state = stateOf(partition, marker.producerId)
    if (marker.producerEpoch < state.epoch) return
    partition.endOffset++
    state.end(marker.producerEpoch, marker.coordinatorEpoch, nowMs)
  }

  #partition(index: number): OffsetsPartition {
    const partition = this.partitions[index]
    if (partition === undefined) throw new RangeError(`no partition ${index}`)
    return partition
  }
}

function stateOf({ producers }: OffsetsPartition, producerId: number): ProducerState {
  const state = producers.get(producerId) ?? new ProducerState()
  producers.set(producerId, state)
  return state
}
