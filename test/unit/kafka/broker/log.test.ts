import { expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import {
  apiVersions,
  createTopics,
  deleteRecords,
  deleteTopics,
  endTxn,
  listOffsets,
  metadata,
  offsetForLeaderEpoch,
  produce,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { batchOf, BrokerBench } from './broker-bench.ts'
import { read, write } from './records.ts'

test('offsets run on over batches, and a fetch begins with the batch of its offset', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  expect(write(bench, 'lines', batchOf(['a', 'b', 'c'])).baseOffset).toBe(0)
  expect(write(bench, 'lines', batchOf(['d'])).baseOffset).toBe(3)
  expect(read(bench, 'lines', 1).values()).toEqual(['0:a', '1:b', '2:c', '3:d'])
  expect(read(bench, 'lines', 3).values()).toEqual(['3:d'])
  expect(read(bench, 'lines', 4).partition()).toMatchObject({ errorCode: 0, highWatermark: 4 })
})

test('a fetch takes whole batches up to its bytes, and one batch whatever its size', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const size = batchOf(['a']).length
  for (const value of ['a', 'b', 'c']) write(bench, 'lines', batchOf([value]))
  expect(read(bench, 'lines', 0, { bytesMax: 1 }).values()).toEqual(['0:a'])
  expect(read(bench, 'lines', 0, { bytesMax: 2 * size }).values()).toEqual(['0:a', '1:b'])
})

test('a fetch that finds too little waits for enough bytes, or for its deadline', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const size = batchOf(['a']).length
  const early = read(bench, 'lines', 0, { maxWaitMs: 500, minBytes: 2 * size })
  write(bench, 'lines', batchOf(['a']))
  expect(early.asked.answer).toBeUndefined()
  write(bench, 'lines', batchOf(['b']))
  expect(early.values()).toEqual(['0:a', '1:b'])
  const late = read(bench, 'lines', 2, { maxWaitMs: 500 })
  bench.pass(499)
  expect(late.asked.answer).toBeUndefined()
  bench.pass(1)
  expect(late.values()).toEqual([])
  expect(bench.broker.nextDeadline()).toBe(Number.POSITIVE_INFINITY)
})

test('offsets before the log and after its end are out of range', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  write(bench, 'lines', batchOf(['a']))
  const outOfRange = errorCode('OFFSET_OUT_OF_RANGE')
  expect(read(bench, 'lines', 2).partition().errorCode).toBe(outOfRange)
  bench.ask(deleteRecords, 2, {
    topics: [{ name: 'lines', partitions: [{ partitionIndex: 0, offset: 1 }] }],
    timeoutMs: 1_000,
  })
  expect(read(bench, 'lines', 0).partition().errorCode).toBe(outOfRange)
})

test('deleted records are gone by whole batches, and the log start is exact', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  write(bench, 'lines', batchOf(['a', 'b']))
  write(bench, 'lines', batchOf(['c', 'd']))
  const message = { topics: [{ name: 'lines', partitions: [{ partitionIndex: 0, offset: 3 }] }] }
  const answer = bench.ask(deleteRecords, 2, { ...message, timeoutMs: 1_000 }).get()
  expect(answer.topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 3 })
  expect(read(bench, 'lines', 3).values()).toEqual(['2:c', '3:d'])
  expect(read(bench, 'lines', 3).partition().logStartOffset).toBe(3)
})

test('a batch over the topic’s limit, with a wrong checksum or beside another is refused', () => {
  const bench = new BrokerBench()
  bench.topic('small', 1, { 'max.message.bytes': '100' })
  bench.topic('lines')
  const large = write(bench, 'small', batchOf(['x'.repeat(200)]))
  expect(large.errorCode).toBe(errorCode('MESSAGE_TOO_LARGE'))
  const damaged = batchOf(['abc'])
  damaged.set([1], damaged.length - 2)
  expect(write(bench, 'lines', damaged).errorCode).toBe(errorCode('CORRUPT_MESSAGE'))
  const two = Buffer.concat([batchOf(['a']), batchOf(['b'])])
  expect(write(bench, 'lines', two).errorCode).toBe(errorCode('INVALID_RECORD'))
  expect(read(bench, 'lines', 0).partition().highWatermark).toBe(0)
})

test('a compacted topic takes no record without a key', () => {
  const bench = new BrokerBench()
  bench.topic('counts', 1, { 'cleanup.policy': 'compact' })
  expect(write(bench, 'counts', batchOf(['k=1', 'v'])).errorCode).toBe(errorCode('INVALID_RECORD'))
  expect(write(bench, 'counts', batchOf(['k=1'])).errorCode).toBe(0)
})

test('offsets are found by timestamp, and by the names of both ends', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  for (const [value, timestamp] of [
    ['a', 100],
    ['b', 300],
    ['c', 200],
  ] as const) {
    write(bench, 'lines', batchOf([value], { timestamp }))
  }
  const at = (timestamp: number) => {
    const partitions = [{ partitionIndex: 0, timestamp }]
    const message = { replicaId: -1, topics: [{ name: 'lines', partitions }] }
    return bench.ask(listOffsets, 7, message).get().topics[0]?.partitions[0]
  }
  expect(at(-2)).toMatchObject({ errorCode: 0, offset: 0 })
  expect(at(-1)).toMatchObject({ errorCode: 0, offset: 3 })
  expect(at(150)).toMatchObject({ offset: 1, timestamp: 300 })
  expect(at(-3)).toMatchObject({ offset: 1, timestamp: 300 })
  expect(at(301)).toMatchObject({ offset: -1, timestamp: -1 })
})

test('after a leader moved, the old node refuses and epochs tell where each reign ended', () => {
  const bench = new BrokerBench({ nodes: 2 })
  bench.topic('lines')
  const old = bench.broker.cluster.topics.get('lines')?.partitions[0]?.leader ?? 0
  const next = nodeId(3 - old)
  write(bench, 'lines', batchOf(['a', 'b']), { node: old })
  const waiting = read(bench, 'lines', 2, { maxWaitMs: 1_000, node: old })
  bench.broker.cluster.moveLeader('lines', 0, next)
  bench.poke()
  const notLeader = errorCode('NOT_LEADER_OR_FOLLOWER')
  expect(waiting.partition().errorCode).toBe(notLeader)
  expect(write(bench, 'lines', batchOf(['c']), { node: old }).errorCode).toBe(notLeader)
  expect(write(bench, 'lines', batchOf(['c']), { node: next }).baseOffset).toBe(2)
  const end = (leaderEpoch: number) => {
    const partitions = [{ partition: 0, leaderEpoch }]
    const message = { topics: [{ topic: 'lines', partitions }] }
    const answer = bench.ask(offsetForLeaderEpoch, 4, message, { node: next }).get()
    return answer.topics[0]?.partitions[0]
  }
  expect(end(0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 })
  expect(end(1)).toMatchObject({ errorCode: 0, leaderEpoch: 1, endOffset: 3 })
  expect(end(2)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 })
})

test('metadata tells missing topics apart, and makes them only if that is allowed', () => {
  const ask = (bench: BrokerBench) =>
    bench.ask(metadata, 12, { topics: [{ name: 'new' }] }).get().topics[0]
  expect(ask(new BrokerBench())).toMatchObject({
    errorCode: errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
  })
  const creating = new BrokerBench({ autoCreateTopics: true, partitionsDefault: 3 })
  const topic = ask(creating)
  expect(topic?.errorCode).toBe(0)
  expect(topic?.partitions.map((p) => p.partitionIndex)).toEqual([0, 1, 2])
  expect(topic?.topicId).toMatch(/^[0-9a-f]{32}$/)
})

test('versions are those of the tables, or older ones to stand in for older brokers', () => {
  const listed = (bench: BrokerBench) => {
    const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }
    const answer = bench.ask(apiVersions, 3, software).get()
    const of = (key: number) => answer.apiKeys.find((api) => api.apiKey === key)?.maxVersion
    const level = answer.finalizedFeatures.map(({ maxVersionLevel }) => maxVersionLevel)
    return { produce: of(produce.key), end: of(endTxn.key), level }
  }
  expect(listed(new BrokerBench())).toEqual({ produce: 13, end: 5, level: [2] })
  const older = { transactionVersion: 0, versionsMax: { EndTxn: 3 } } as const
  expect(listed(new BrokerBench(older))).toEqual({ produce: 11, end: 3, level: [] })
})

test('topics are refused for the reasons that Kafka has', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const ask = (name: string, numPartitions: number, config?: readonly [string, string]) => {
    const configs = config === undefined ? [] : [{ name: config[0], value: config[1] }]
    const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs }
    return bench.ask(createTopics, 7, { topics: [topic] }).get().topics[0]?.errorCode
  }
  expect([
    ask('lines', 1),
    ask('a/b', 1),
    ask('other', 0),
    ask('other', 1, ['bogus', '1']),
    ask('other', 1, ['cleanup.policy', 'zip']),
    ask('other', 1, ['retention.ms', '1000']),
  ]).toEqual([
    errorCode('TOPIC_ALREADY_EXISTS'),
    errorCode('INVALID_TOPIC_EXCEPTION'),
    errorCode('INVALID_PARTITIONS'),
    errorCode('INVALID_CONFIG'),
    errorCode('INVALID_CONFIG'),
    0,
  ])
})

test('a deleted topic is gone under its name and its id, and its readers hear of it', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const waiting = read(bench, 'lines', 0, { maxWaitMs: 1_000 })
  bench.ask(deleteTopics, 5, { topicNames: ['lines'], timeoutMs: 1_000 })
  const unknown = errorCode('UNKNOWN_TOPIC_OR_PARTITION')
  expect(waiting.partition().errorCode).toBe(unknown)
  expect(write(bench, 'lines', batchOf(['a'])).errorCode).toBe(unknown)
  bench.topic('lines')
  expect(read(bench, 'lines', 0).values()).toEqual([])
})
