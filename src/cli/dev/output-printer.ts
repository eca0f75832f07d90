/** Prints what a topology commits to its output topics, as a read_committed consumer sees it. */
import type { Fetcher, KafkaClient } from '../../kafka/client/port.ts'
import { partitionName, type TopicPartition } from '../../model/ids.ts'
import type { RecordBatch } from '../../model/record.ts'
import { type LineSerdes, lineOfRecord } from './lines.ts'
import { partitionsOf } from './partitions-of.ts'

const bytesMax = 1024 * 1024
const fetching = {
  isolation: 'read_committed',
  waitMs: 100,
  bytesMin: 1,
  bytesMax,
  partitionBytesMax: bytesMax,
  bufferBytesMax: 4 * bytesMax,
  lane: 'fetch',
} as const

export type OutputTopics = ReadonlyMap<string, LineSerdes | undefined>

export class OutputPrinter {
  /** Resolves when it is closed; rejects when it cannot go on. */
  readonly done: Promise<void>
  readonly partitions: readonly TopicPartition[]
  readonly #fetcher: Fetcher
  readonly #topics: OutputTopics
  readonly #positions = new Map<string, number>()
  readonly #end = new AbortController()

  private constructor(
    fetcher: Fetcher,
    topics: OutputTopics,
    partitions: readonly TopicPartition[],
  ) {
    this.#fetcher = fetcher
    this.#topics = topics
    this.partitions = partitions
    for (const partition of partitions) {
      this.#positions.set(partitionName(partition), 0)
      fetcher.assign(partition, 0)
    }
    this.done = this.#run()
    // Closing waits for it; whoever races with it hears of the error there.
    this.done.catch(() => undefined)
  }

  static async open(client: KafkaClient, topics: OutputTopics): Promise<OutputPrinter> {
    const partitions = await partitionsOf(client, [...topics.keys()])
    return new OutputPrinter(client.fetcher(fetching), topics, partitions)
  }

  /** True once everything before these ends is printed. */
  reached(ends: ReadonlyMap<string, number>): boolean {
    return Array.from(this.#positions).every(([name, at]) => at >= (ends.get(name) ?? 0))
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.done.catch(() => undefined)
    await this.#fetcher.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      await this.#fetcher.wait(signal)
      for (const { topic, partition, batches, nextOffset } of this.#fetcher.poll(bytesMax)) {
        for (const batch of batches) this.#print(topic, batch)
        this.#positions.set(partitionName({ topic, partition }), nextOffset)
      }
      for (const { problem } of this.#fetcher.problems()) {
        if (problem.kind === 'failed') throw problem.error
      }
    }
  }

  #print(topic: string, batch: RecordBatch): void {
    const { bytes, keyStarts, keyEnds, valueStarts, valueEnds } = batch
    const part = (start = -1, end = -1) => (start < 0 ? undefined : bytes.subarray(start, end))
    for (let index = 0; index < batch.count; index++) {
      const key = part(keyStarts[index], keyEnds[index])
      const value = part(valueStarts[index], valueEnds[index])
      process.stdout.write(lineOfRecord(topic, this.#topics.get(topic), key, value))
    }
  }
}
