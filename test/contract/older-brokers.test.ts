/** Rows against clusters that lack what newer ones have; only the embedded broker can play them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { clientOf, connectContext } from '../../src/kafka/client/connect.ts'
import type { FetchedBatches } from '../../src/kafka/client/port.ts'
import { noHeaders } from '../../src/model/output.ts'
import { EmbeddedKafka, type EmbeddedKafkaOptions } from '../../src/testing/embedded-kafka.ts'
import { quietEnv } from '../quiet-env.ts'
import { joinAlone } from './raw-member.ts'

/** The highest versions of Apache Kafka 2.5, the oldest that can fence positions by generation. */
const kafka25: Readonly<Record<string, number>> = {
  Produce: 8,
  Fetch: 11,
  ListOffsets: 5,
  Metadata: 9,
  OffsetFetch: 7,
  FindCoordinator: 3,
  JoinGroup: 7,
  Heartbeat: 4,
  LeaveGroup: 4,
  SyncGroup: 5,
  CreateTopics: 5,
  DeleteTopics: 4,
  DeleteRecords: 1,
  InitProducerId: 3,
  OffsetForLeaderEpoch: 3,
  AddPartitionsToTxn: 1,
  AddOffsetsToTxn: 1,
  EndTxn: 1,
  TxnOffsetCommit: 3,
  DescribeConfigs: 2,
  ListTransactions: -1,
}

const clusters: Readonly<Record<string, EmbeddedKafkaOptions>> = {
  'new versions without KIP-890': { transactionVersion: 1 },
  'the versions of Apache Kafka 2.5': { transactionVersion: 0, versionsMax: kafka25 },
}

for (const [name, options] of Object.entries(clusters)) {
  describe(`a cluster with ${name}`, () => {
    let kafka: EmbeddedKafka
    beforeAll(async () => {
      kafka = await new EmbeddedKafka({ nodes: 2, env: quietEnv, ...options }).start()
    })
    afterAll(() => kafka?.stop())

    test('epochs are committed by protocol 1 and read back', async () => {
      const wire = kafkajsWire({ brokers: kafka.brokers }, quietEnv)
      const context = await connectContext({ wire, env: quietEnv, ...batchCompression() })
      const { admin, capabilities, ...client } = clientOf(context)
      expect(capabilities.transactionProtocol).toBe(1)
      const topic = { name: 'counts', partitions: 1, replicationFactor: 1, configs: {} }
      await admin.createTopics([topic])
      const at = { topic: 'counts', partition: 0 }
      const member = await joinAlone(context, 'counters')
      const producer = client.producer({
        transactionalId: 'counters-1',
        groupId: 'counters',
        transactionTimeoutMs: 10_000,
        deliveryTimeoutMs: 5_000,
        compression: 'gzip',
        batchBytesMax: 10_000,
      })
      await producer.initialise()
      expect(await admin.openTransactions('counters')).toEqual([])
      for (const offset of [1, 2, 3]) {
        const value = Buffer.from(`epoch ${offset}`)
        const handle = producer.output.open('counts', 0)
        handle.append(1, value, -1, -1, value, 0, value.length, noHeaders)
        const position = { ...at, offset, leaderEpoch: -1, metadata: '' }
        expect(await producer.commit(producer.seal(), [position], member)).toMatchObject({
          kind: 'ok',
        })
      }
      const committed = await admin.committedOffsets('counters', [at])
      expect(committed.get('counts-0')).toMatchObject({ offset: 3 })
      expect((await admin.topicConfigs('counts')).size).toBeGreaterThan(0)
      const fetcher = client.fetcher({
        isolation: 'read_committed',
        waitMs: 100,
        bytesMin: 1,
        bytesMax: 100_000,
        partitionBytesMax: 100_000,
        bufferBytesMax: 100_000,
        lane: 'fetch',
      })
      fetcher.assign(at, 0)
      const fetched: FetchedBatches[] = []
      while ((fetched.at(-1)?.nextOffset ?? 0) < 6) {
        await fetcher.wait(new AbortController().signal)
        expect(fetcher.problems()).toEqual([])
        fetched.push(...fetcher.poll(100_000))
      }
      const records = fetched.flatMap(({ batches }) => batches.map(({ count }) => count))
      expect(records).toEqual([1, 1, 1])
      await fetcher.close()
      await client.close()
    })
  })
}

test('a broker too old to fence positions is refused with both ranges of versions', async () => {
  const versionsMax = { ...kafka25, TxnOffsetCommit: 2 }
  const kafka = await new EmbeddedKafka({
    env: quietEnv,
    transactionVersion: 0,
    versionsMax,
  }).start()
  const wire = kafkajsWire({ brokers: kafka.brokers }, quietEnv)
  const context = await connectContext({ wire, env: quietEnv, ...batchCompression() })
  const client = clientOf(context)
  const producer = client.producer({
    transactionalId: 'counters-1',
    groupId: 'counters',
    transactionTimeoutMs: 10_000,
    deliveryTimeoutMs: 5_000,
    compression: 'none',
    batchBytesMax: 10_000,
  })
  await producer.initialise()
  const member = await joinAlone(context, 'counters')
  const position = { topic: 'lines', partition: 0, offset: 1, leaderEpoch: -1, metadata: '' }
  expect(await producer.commit(producer.seal(), [position], member)).toMatchObject({
    kind: 'fatal',
    error: {
      code: 'API_VERSION_UNSUPPORTED',
      message: expect.stringMatching(/TxnOffsetCommit: the broker speaks versions 0–2, .* 3–4/),
    },
  })
  await client.close()
  await kafka.stop()
})
