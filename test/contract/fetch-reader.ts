/** Reads a partition through the client's fetcher, for rows about what is seen. */
import type { Fetcher, FetcherOptions } from '../../src/kafka/client/port.ts'
import type { TestClient } from './brokers.ts'

export const fetchSizes = [1, 4096, 65_536, 1 << 20] as const

export function openFetcher(client: TestClient, options: Partial<FetcherOptions> = {}): Fetcher {
  return client.fetcher({
    isolation: 'read_committed',
    waitMs: 50,
    bytesMin: 1,
    bytesMax: 1 << 20,
    partitionBytesMax: 1 << 20,
    bufferBytesMax: 8 << 20,
    lane: 'fetch',
    ...options,
  })
}

/** Values by `offset:value`, with where reading has got to. */
export interface ReadSoFar {
  readonly records: string[]
  position: number
}

/** Reads partition 0 until a position is reached. @throws Error at the first problem. */
export async function readUntil(
  fetcher: Fetcher,
  end: number,
  so: ReadSoFar = { records: [], position: -1 },
): Promise<ReadSoFar> {
  while (so.position < end) {
    await fetcher.wait(new AbortController().signal)
    const [problem] = fetcher.problems()
    if (problem !== undefined) throw new Error(JSON.stringify(problem.problem))
    for (const { batches, nextOffset } of fetcher.poll(1 << 20)) {
      for (const batch of batches) {
        for (let i = 0; i < batch.count; i++) {
          const value = batch.bytes.subarray(batch.valueStarts[i], batch.valueEnds[i])
          so.records.push(`${batch.offsets[i]}:${Buffer.from(value).toString()}`)
        }
      }
      so.position = nextOffset
    }
  }
  return so
}

/** The end of a partition once every transaction on it is complete, to its last marker. */
export async function settledEnd(client: TestClient, topic: string): Promise<number> {
  const at = [{ topic, partition: 0 }]
  const name = `${topic}-0`
  for (;;) {
    const stable = (await client.admin.listOffsets(at, 'latest', 'read_committed')).get(name)
    const end = (await client.admin.listOffsets(at, 'latest', 'read_uncommitted')).get(name)
    if (end !== undefined && stable === end) return end
  }
}

/** Everything from an offset to an end, in fetches of a size. */
export async function readAll(
  client: TestClient,
  topic: string,
  end: number,
  options: Partial<FetcherOptions> & { readonly from?: number } = {},
): Promise<readonly string[]> {
  const { from = 0, ...rest } = options
  const fetcher = openFetcher(client, rest)
  fetcher.assign({ topic, partition: 0 }, from)
  const { records } = await readUntil(fetcher, end)
  await fetcher.close()
  return records
}
