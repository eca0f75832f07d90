/** Reads an output as a read_committed consumer does, for its expectation. */
import type { FetchedBatches, KafkaClient } from '../../src/kafka/client/port.ts'
import { partitionName } from '../../src/model/ids.ts'
import type { RecordBatch } from '../../src/model/record.ts'
import type { Expectation } from './workload.ts'

const mebibyte = 2 ** 20
const pollBytesMax = 8 * mebibyte
const lateMsMax = 10_000
const againMs = 100
const noBytes = new Uint8Array(0)

/** @returns What is wrong with the output; undefined when it is as expected. */
export async function verify(
  client: KafkaClient,
  topic: string,
  partitions: number,
  expectation: Expectation,
): Promise<string | undefined> {
  const reader = new OutputReader(client, topic, partitions, expectation)
  try {
    const found = await reader.read()
    const { records, recordsMax = records } = expectation
    const wrong = expectation.verdict()
    if (wrong !== undefined) return wrong
    return found < records || found > recordsMax ? `${found} records, not ${records}` : undefined
  } finally {
    await reader.close()
  }
}

class OutputReader {
  readonly #client: KafkaClient
  readonly #all: readonly { readonly topic: string; readonly partition: number }[]
  readonly #expectation: Expectation
  readonly #fetcher
  readonly #positions = new Map<string, number>()
  #found = 0

  constructor(client: KafkaClient, topic: string, partitions: number, expectation: Expectation) {
    this.#client = client
    this.#expectation = expectation
    this.#all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    this.#fetcher = client.fetcher({
      isolation: 'read_committed',
      waitMs: 100,
      bytesMin: 1,
      bytesMax: 16 * mebibyte,
      partitionBytesMax: 4 * mebibyte,
      bufferBytesMax: 32 * mebibyte,
      lane: 'restore',
    })
    for (const partition of this.#all) this.#fetcher.assign(partition, 0)
  }

  /**
   * Reads to the end; what is missing may still come, within a time that no commit passes.
   * @returns How many records there are.
   */
  async read(): Promise<number> {
    const { records } = this.#expectation
    const deadline = performance.now() + lateMsMax
    for (;;) {
      await this.#readToEnds()
      if (this.#found >= records || performance.now() > deadline) return this.#found
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }

  close(): Promise<void> {
    return this.#fetcher.close()
  }

  async #readToEnds(): Promise<void> {
    const ends = await this.#client.admin.listOffsets(this.#all, 'latest', 'read_committed')
    const isBehind = () =>
      Array.from(ends).some(([name, end]) => (this.#positions.get(name) ?? 0) < end)
    while (isBehind()) {
      await this.#fetcher.wait(AbortSignal.timeout(lateMsMax))
      for (const fetched of this.#fetcher.poll(pollBytesMax)) this.#take(fetched)
      const problem = this.#fetcher.problems()[0]
      if (problem !== undefined) throw new Error(`${problem.topic}: ${JSON.stringify(problem)}`)
    }
  }

  #take(fetched: FetchedBatches): void {
    for (const batch of fetched.batches) {
      for (let i = 0; i < batch.count; i++) this.#takeRecord(fetched.partition, batch, i)
      this.#found += batch.count
    }
    this.#positions.set(partitionName(fetched), fetched.nextOffset)
  }

  #takeRecord(partition: number, batch: RecordBatch, i: number): void {
    const { bytes, keyStarts, keyEnds, valueStarts, valueEnds, timestamps } = batch
    this.#expectation.take({
      partition,
      key: between(bytes, keyStarts[i], keyEnds[i]),
      value: between(bytes, valueStarts[i], valueEnds[i]),
      timestamp: timestamps[i] ?? -1,
    })
  }
}

/** Nothing for null, which starts at −1: no output here tells the two apart. */
function between(bytes: Uint8Array, start = -1, end = -1): Uint8Array {
  return start < 0 ? noBytes : bytes.subarray(start, end)
}
