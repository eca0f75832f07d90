/** How far a group has come, seen from outside: its committed positions. */
import type { Admin } from '../../src/kafka/client/port.ts'
import type { KafkaWire } from '../../src/kafka/wire.ts'
import { partitionName } from '../../src/model/ids.ts'
import { GroupPositions } from './group-positions.ts'

export interface WatchedTopics {
  readonly group: string
  readonly partitions: number
  /** The topics whose records are counted, and how many they hold together. */
  readonly counted: readonly string[]
  readonly records: number
  /** Topics that the application writes and reads itself: they have to be read to their ends. */
  readonly internal: readonly string[]
  /** Transactional producers at most: as many control records may follow the last record. */
  readonly producers: number
}

export class Progress {
  readonly #admin: Admin
  readonly #watched: WatchedTopics
  readonly #positions: GroupPositions

  constructor(admin: Admin, wire: KafkaWire, watched: WatchedTopics) {
    this.#admin = admin
    this.#watched = watched
    this.#positions = new GroupPositions(wire, watched.group)
  }

  /** Records of the input whose processing has committed. */
  async records(): Promise<number> {
    const positions = await this.#positions.read(this.#all(this.#watched.counted))
    return Array.from(positions.values()).reduce((sum, offset) => sum + offset, 0)
  }

  /** Whether everything has been processed, given that the whole input has. */
  async internalDone(): Promise<boolean> {
    const { internal, producers } = this.#watched
    if (internal.length === 0) return true
    const partitions = this.#all(internal)
    const ends = await this.#admin.listOffsets(partitions, 'latest', 'read_committed')
    const positions = await this.#positions.read(partitions)
    return partitions.map(partitionName).every((name) => {
      const end = ends.get(name) ?? Number.POSITIVE_INFINITY
      return end === 0 || (positions.get(name) ?? 0) >= end - producers
    })
  }

  close(): Promise<void> {
    return this.#positions.close()
  }

  #all(topics: readonly string[]) {
    const { partitions } = this.#watched
    return topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    )
  }
}
