import { expect, jest, test } from '@jest/globals'
import { describeEachBroker } from './brokers.ts'
import { openFetcher, readAll, readUntil, settledEnd } from './fetch-reader.ts'
import { RawProducer, writePlain } from './raw-producer.ts'

// A broker beside a busy machine may take its time.
jest.setTimeout(30_000)

const value = (text: string) => ({ key: null, value: text })
const never = new AbortController().signal

describeEachBroker('fetching', (broker) => {
  test('records come with their offsets, batch after batch, from any position', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    await writePlain(client, topic, [value('a'), value('b'), value('c')])
    await writePlain(client, topic, [value('d')])
    expect(await readAll(client, topic, 4)).toEqual(['0:a', '1:b', '2:c', '3:d'])
    expect(await readAll(client, topic, 4, { from: 1 })).toEqual(['1:b', '2:c', '3:d'])
  })

  test('all three codecs that are written are read', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    for (const codec of ['gzip', 'lz4', 'zstd'] as const) {
      await writePlain(client, topic, [value(codec), value('x'.repeat(500))], codec)
    }
    const seen = await readAll(client, topic, 6)
    expect(seen.filter((_, i) => i % 2 === 0)).toEqual(['0:gzip', '2:lz4', '4:zstd'])
  })

  test('a reader of committed data stops at an open transaction, another reads on', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    await writePlain(client, topic, [value('before')])
    const producer = await RawProducer.open(client, broker().unique('open'))
    await producer.write(topic, [value('open')])
    await writePlain(client, topic, [value('after')])
    const committed = openFetcher(client)
    committed.assign({ topic, partition: 0 }, 0)
    const seen = await readUntil(committed, 1)
    expect(seen).toEqual({ records: ['0:before'], position: 1 })
    expect(committed.endOffset({ topic, partition: 0 })).toBe(1)
    const isolation = 'read_uncommitted'
    const all = await readAll(client, topic, 3, { isolation })
    expect(all).toEqual(['0:before', '1:open', '2:after'])
    await producer.end('commit')
    await readUntil(committed, 4, seen)
    expect(seen.records).toEqual(all)
    await committed.close()
  })

  test('the position passes a marker at the end of the log', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    const producer = await RawProducer.open(client, broker().unique('marker'))
    await producer.write(topic, [value('a')])
    await producer.end('abort')
    expect(await settledEnd(client, topic)).toBe(2)
    expect(await readAll(client, topic, 2)).toEqual([])
  })

  test('a waiting reader gets a record as soon as it is there', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    const fetcher = openFetcher(client, { waitMs: 20_000 })
    fetcher.assign({ topic, partition: 0 }, 0)
    const reading = readUntil(fetcher, 1)
    await writePlain(client, topic, [value('late')])
    expect((await reading).records).toEqual(['0:late'])
    await fetcher.close()
  })

  test('a topic that is made again under its name is not read on', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    await writePlain(client, topic, [value('a'), value('b')])
    const fetcher = openFetcher(client)
    fetcher.assign({ topic, partition: 0 }, 1)
    expect((await readUntil(fetcher, 2)).records).toEqual(['1:b'])
    await client.admin.deleteTopics([topic])
    const again = { name: topic, partitions: 1, replicationFactor: -1, configs: {} }
    await client.admin.createTopics([again])
    await writePlain(client, topic, [value('c'), value('d'), value('e')])
    const recreated = JSON.stringify({ kind: 'topic-recreated', at: 2 })
    await expect(readUntil(fetcher, 3)).rejects.toThrow(recreated)
    await fetcher.close()
  })

  test('a paused partition keeps its place while the others are read', async () => {
    const client = await broker().connect()
    const [paused, other] = [await broker().topic(), await broker().topic()]
    const fetcher = openFetcher(client)
    const at = { topic: paused, partition: 0 }
    fetcher.assign(at, 0)
    fetcher.assign({ topic: other, partition: 0 }, 0)
    fetcher.pause(at)
    await writePlain(client, paused, [value('kept')])
    await writePlain(client, other, [value('read')])
    expect((await readUntil(fetcher, 1)).records).toEqual(['0:read'])
    fetcher.resume(at)
    expect((await readUntil(fetcher, 1)).records).toEqual(['0:kept'])
    await fetcher.close()
  })

  test('an offset that was purged is told with the start of the log', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    const at = { topic, partition: 0 }
    await writePlain(client, topic, [value('a'), value('b'), value('c')])
    await client.admin.deleteRecords([{ ...at, offset: 2 }])
    const fetcher = openFetcher(client)
    fetcher.assign(at, 0)
    await fetcher.wait(never)
    const problem = { kind: 'offset-out-of-range', at: 0, logStart: 2 }
    expect(fetcher.problems()).toEqual([{ ...at, problem }])
    fetcher.assign(at, 2)
    expect((await readUntil(fetcher, 3)).records).toEqual(['2:c'])
    await fetcher.close()
  })

  test('an offset beyond the end is out of range, not waited for', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    const at = { topic, partition: 0 }
    await writePlain(client, topic, [value('a')])
    const fetcher = openFetcher(client)
    fetcher.assign(at, 50)
    await fetcher.wait(never)
    const problem = { kind: 'offset-out-of-range', at: 50, logStart: 0 }
    expect(fetcher.problems()).toEqual([{ ...at, problem }])
    await fetcher.close()
  })

  test('a position with the epoch it was read under is not taken for truncated', async () => {
    const client = await broker().connect()
    const topic = await broker().topic()
    const at = { topic, partition: 0 }
    await writePlain(client, topic, [value('a')])
    const first = openFetcher(client)
    first.assign(at, 0)
    await first.wait(never)
    const [fetched] = first.poll(1 << 20)
    await first.close()
    await writePlain(client, topic, [value('b')])
    const second = openFetcher(client)
    second.assign(at, fetched?.nextOffset ?? -1, fetched?.nextLeaderEpoch)
    expect((await readUntil(second, 2)).records).toEqual(['1:b'])
    await second.close()
  })

  test('a topic that appears later is read from then on', async () => {
    const client = await broker().connect()
    const topic = broker().unique('later')
    const fetcher = openFetcher(client)
    fetcher.assign({ topic, partition: 0 }, 0)
    const reading = readUntil(fetcher, 1)
    const created = { name: topic, partitions: 1, replicationFactor: -1, configs: {} }
    await client.admin.createTopics([created])
    await writePlain(client, topic, [value('first')])
    expect((await reading).records).toEqual(['0:first'])
    await fetcher.close()
  })

  test('a partition is read on after its leader has moved', async () => {
    const { embedded } = broker()
    const client = await broker().connect()
    const topic = await broker().topic()
    const fetcher = openFetcher(client)
    fetcher.assign({ topic, partition: 0 }, 0)
    await writePlain(client, topic, [value('a')])
    const so = await readUntil(fetcher, 1)
    for (const [i, node] of [2, 3, 1].entries()) {
      // A single real broker has nobody to move a leader to: there the row reads on as it is.
      embedded?.moveLeader(topic, 0, node)
      await writePlain(client, topic, [value(`${i}`)])
      await readUntil(fetcher, 2 + i, so)
    }
    expect(so.records).toEqual(['0:a', '1:0', '2:1', '3:2'])
    await fetcher.close()
  })
})
