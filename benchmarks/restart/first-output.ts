/** When a restarted engine's first new output can be read. */
import type { KafkaClient } from '../../src/kafka/client/port.ts'
import { partitionName } from '../../src/model/ids.ts'

const patienceMs = 60_000
const bytes = 2 ** 20

/** Reads a topic from where it ended, as a read_committed consumer does. */
export class FirstOutput {
  readonly #client: KafkaClient
  readonly #all: readonly { readonly topic: string; readonly partition: number }[]

  constructor(client: KafkaClient, topic: string, partitions: number) {
    this.#client = client
    this.#all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  }

  /**
   * Nobody writes now: what is behind these ends is new. Answers when the first of it was here, as
   * `performance.now()` has it.
   */
  async watch(check: () => void): Promise<{ readonly seenMs: Promise<number> }> {
    const ends = await this.#client.admin.listOffsets(this.#all, 'latest', 'read_uncommitted')
    const fetcher = this.#client.fetcher({
      isolation: 'read_committed',
      waitMs: 500,
      bytesMin: 1,
      bytesMax: bytes,
      partitionBytesMax: bytes,
      bufferBytesMax: 8 * bytes,
      lane: 'fetch',
    })
    for (const one of this.#all) fetcher.assign(one, ends.get(partitionName(one)) ?? 0)
    const wait = async (): Promise<number> => {
      const deadline = performance.now() + patienceMs
      try {
        while (performance.now() < deadline) {
          check()
          await fetcher.wait(AbortSignal.timeout(200))
          const seenMs = performance.now()
          const fetched = fetcher.poll(bytes)
          if (fetched.some(({ batches }) => batches.some(({ count }) => count > 0))) return seenMs
        }
        throw new Error(`no output within ${patienceMs} ms`)
      } finally {
        await fetcher.close()
      }
    }
    return { seenMs: wait() }
  }
}
