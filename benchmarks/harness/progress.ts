/** How far a group has come, seen from outside: its committed positions. */
import type { Admin } from '../../src/kafka/client/port.ts'
import { StreamError } from '../../src/model/errors.ts'
import { partitionName } from '../../src/model/ids.ts'

const unstable = 'KAFKA_UNSTABLE_OFFSET_COMMIT'

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
  #records = 0

  constructor(admin: Admin, watched: WatchedTopics) {
    this.#admin = admin
    this.#watched = watched
  }

  /** Records of the input whose processing has committed. */
  async records(): Promise<number> {
    const { group, counted } = this.#watched
    try {
      const positions = await this.#admin.committedOffsets(group, this.#all(counted))
      const offsets = Array.from(positions.values(), ({ offset }) => offset)
      this.#records = offsets.reduce((sum, offset) => sum + offset, 0)
    } catch (error) {
      // Transactions of several producers may leave no moment at which none is pending.
      const isPending = error instanceof StreamError && error.code === unstable
      if (!isPending) throw error
    }
    return this.#records
  }

  /** Whether everything has been processed, given that the whole input has. */
  async internalDone(): Promise<boolean> {
    const { group, internal, producers } = this.#watched
    if (internal.length === 0) return true
    const partitions = this.#all(internal)
    const ends = await this.#admin.listOffsets(partitions, 'latest', 'read_committed')
    const positions = await this.#admin.committedOffsets(group, partitions)
    return partitions.map(partitionName).every((name) => {
      const end = ends.get(name) ?? Number.POSITIVE_INFINITY
      return end === 0 || (positions.get(name)?.offset ?? 0) >= end - producers
    })
  }

  #all(topics: readonly string[]) {
    const { partitions } = this.#watched
    return topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    )
  }
}
