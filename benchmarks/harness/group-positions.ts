/** A group's committed positions as an onlooker wants them: those of now. */
import { decodeResponse, encodeRequest } from '../../src/kafka/protocol/codec.ts'
import { findCoordinator, offsetFetch } from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import type { KafkaWire, WireLane } from '../../src/kafka/wire.ts'
import { type NodeId, nodeId, partitionName, type TopicPartition } from '../../src/model/ids.ts'

const offsetFetchVersion = 7
const findCoordinatorVersion = 3
const timeoutMs = 10_000

/**
 * Does not ask for stable positions, as the admin client does: those wait while a transaction is
 * pending, and of an engine whose transactions follow one another closely there might be none for
 * as long as it runs. What is answered has committed all the same.
 */
export class GroupPositions {
  readonly #wire: KafkaWire
  readonly #group: string
  readonly #lane: WireLane
  #coordinator: NodeId | undefined

  constructor(wire: KafkaWire, group: string) {
    this.#wire = wire
    this.#group = group
    this.#lane = wire.lane('control')
  }

  /** By partition name; absent where nothing was committed, or where nobody could tell. */
  async read(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>> {
    this.#coordinator ??= await this.#findCoordinator()
    if (this.#coordinator === undefined) return new Map()
    const topics = Map.groupBy(partitions, ({ topic }) => topic)
    const request = encodeRequest(offsetFetch, offsetFetchVersion, {
      groupId: this.#group,
      topics: Array.from(topics, ([name, asked]) => {
        return { name, partitionIndexes: asked.map(({ partition }) => partition) }
      }),
      requireStable: false,
    })
    const body = await this.#lane.send(this.#coordinator, request, timeoutMs)
    const answer = decodeResponse(offsetFetch, offsetFetchVersion, new Reader(body))
    if (answer.errorCode !== 0) this.#coordinator = undefined
    const told = answer.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex: partition, committedOffset }) => {
        return [partitionName({ topic, partition }), committedOffset] as const
      }),
    )
    return new Map(told.filter(([, offset]) => offset >= 0))
  }

  close(): Promise<void> {
    return this.#lane.close()
  }

  async #findCoordinator(): Promise<NodeId | undefined> {
    const request = encodeRequest(findCoordinator, findCoordinatorVersion, { key: this.#group })
    const body = await this.#lane.send(this.#wire.anyNode(), request, timeoutMs)
    const answer = decodeResponse(findCoordinator, findCoordinatorVersion, new Reader(body))
    return answer.errorCode === 0 ? nodeId(answer.nodeId) : undefined
  }
}
