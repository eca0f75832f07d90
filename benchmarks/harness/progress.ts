/** How far a group has come, seen from outside: its committed positions. */
import type { Admin } from '../../src/kafka/client/port.ts'
import type { KafkaWire } from '../../src/kafka/wire.ts'
import { partitionName } from '../../src/model/ids.ts'
import { GroupPositions } from './group-positions.ts'
import { topicsOf } from './topics.ts'

export interface WatchedTopics {
  readonly group: string
  readonly partitions: number
  /** The topics whose records are counted, and how many they hold together. */
  readonly counted: readonly string[]
  readonly records: number
  readonly output: string
  /** Transactional producers at most: as many control records may follow the last record. */
  readonly producers: number
}

export class Progress {
  readonly #admin: Admin
  readonly #wire: KafkaWire
  readonly #watched: WatchedTopics
  readonly #positions: GroupPositions
  #internal: readonly string[] | undefined

  constructor(admin: Admin, wire: KafkaWire, watched: WatchedTopics) {
    this.#admin = admin
    this.#wire = wire
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
    this.#internal ??= await this.#internalTopics()
    if (this.#internal.length === 0) return true
    const partitions = this.#all(this.#internal)
    // Positions before ends: what was written up to these positions is below these ends, in topics
    // further down too.
    const positions = await this.#positions.read(partitions)
    const ends = await this.#admin.listOffsets(partitions, 'latest', 'read_committed')
    return partitions.map(partitionName).every((name) => {
      const end = ends.get(name) ?? Number.POSITIVE_INFINITY
      return end === 0 || (positions.get(name) ?? 0) >= end - this.#watched.producers
    })
  }

  close(): Promise<void> {
    return this.#positions.close()
  }

  /** The topics that it writes and reads itself, whatever an engine calls them. */
  async #internalTopics(): Promise<readonly string[]> {
    const { group, output } = this.#watched
    const own = await topicsOf(this.#wire, `${group}-`)
    return own.filter((topic) => topic !== output && !topic.endsWith('-changelog'))
  }

  #all(topics: readonly string[]) {
    const { partitions } = this.#watched
    return topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    )
  }
}
