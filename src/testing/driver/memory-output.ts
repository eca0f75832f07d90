import type { Output } from '../../model/output.ts'
import { partitionName } from '../../model/ids.ts'
import { RecordLog } from './record-log.ts'

/** Topics in memory: what tasks write is there at once. */
export class MemoryOutput implements Output {
  readonly #partitions: (topic: string) => number
  readonly #logs = new Map<string, RecordLog>()

  constructor(partitionsOf: (topic: string) => number = () => 1) {
    this.#partitions = partitionsOf
  }

  partitionsOf(topic: string): number {
    return this.#partitions(topic)
  }

  open(topic: string, partition: number): RecordLog {
    const name = partitionName({ topic, partition })
    const log = this.#logs.get(name) ?? new RecordLog()
    this.#logs.set(name, log)
    return log
  }

  /** Every log that was opened, by `topic-partition`. */
  get logs(): ReadonlyMap<string, RecordLog> {
    return this.#logs
  }
}
