/** Counts what a read_committed reader sees, so that a fast subject is one that did its work. */
import type { KafkaClient } from '../src/kafka/client/port.ts'
import { partitionName } from '../src/model/ids.ts'

const mebibyte = 2 ** 20
const pollBytesMax = 8 * mebibyte

/** @throws Error when the topic does not hold exactly this many committed records. */
export async function verifyOutput(
  client: KafkaClient,
  topic: string,
  partitions: number,
  records: number,
): Promise<void> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const ends = await client.admin.listOffsets(all, 'latest', 'read_committed')
  const fetcher = client.fetcher({
    isolation: 'read_committed',
    waitMs: 100,
    bytesMin: 1,
    bytesMax: 16 * mebibyte,
    partitionBytesMax: 4 * mebibyte,
    bufferBytesMax: 32 * mebibyte,
    lane: 'restore',
  })
  const left = new Set(all.map(partitionName).filter((name) => (ends.get(name) ?? 0) > 0))
  for (const partition of all) fetcher.assign(partition, 0)
  let found = 0
  while (left.size > 0) {
    await fetcher.wait(AbortSignal.timeout(30_000))
    for (const fetched of fetcher.poll(pollBytesMax)) {
      found += fetched.batches.reduce((sum, batch) => sum + batch.count, 0)
      const name = partitionName(fetched)
      if (fetched.nextOffset >= (ends.get(name) ?? 0)) left.delete(name)
    }
    const problem = fetcher.problems()[0]
    if (problem !== undefined) throw new Error(`${topic}: ${JSON.stringify(problem)}`)
  }
  await fetcher.close()
  if (found !== records) throw new Error(`${topic} has ${found} records, not ${records}`)
}
