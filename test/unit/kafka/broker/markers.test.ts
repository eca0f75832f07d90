import { expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import {
  describeProducers,
  describeTransactions,
  findCoordinator,
  metadata,
  offsetFetch,
  txnOffsetCommit,
  writeTxnMarkers,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { offsetsPartition, offsetsTopic } from '../../../../src/kafka/protocol/offsets-topic.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { BrokerBench } from './broker-bench.ts'
import { read } from './records.ts'
import { TransactionalProducer } from './transactional-producer.ts'

const groupId = 'readers'
const groupPartition = offsetsPartition(groupId, 50)

function benchWithTransaction(protocol: 1 | 2 = 2) {
  const bench = new BrokerBench()
  bench.topic('lines')
  const producer = new TransactionalProducer(bench, 'p', protocol).initialise()
  return { bench, producer }
}

/** Writes `value` and moves the group's position, in the producer's transaction. */
function begin(bench: BrokerBench, producer: TransactionalProducer, value: string, to: number) {
  expect(producer.send('lines', [value])).toBe(0)
  const partition = { partitionIndex: 0, committedOffset: to, committedMetadata: '' }
  const { id: transactionalId, producerId, epoch: producerEpoch } = producer
  const topics = [{ name: 'lines', partitions: [partition] }]
  const message = { transactionalId, groupId, producerId, producerEpoch, topics }
  const answer = bench.ask(txnOffsetCommit, 5, message).get()
  expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(0)
}

interface Marking {
  readonly epoch: number
  readonly commit?: boolean
  readonly coordinatorEpoch?: number
  readonly transactionVersion?: number
  readonly topic?: string
  readonly partition?: number
}

function mark(bench: BrokerBench, producerId: number, marking: Marking, node = 1): number {
  const { commit = true, coordinatorEpoch = 0, transactionVersion = 2 } = marking
  const { topic = 'lines', partition = topic === offsetsTopic ? groupPartition : 0 } = marking
  const marker = {
    producerId,
    producerEpoch: marking.epoch,
    transactionResult: commit,
    topics: [{ name: topic, partitionIndexes: [partition] }],
    coordinatorEpoch,
    transactionVersion,
  }
  const { markers } = bench.ask(writeTxnMarkers, 2, { markers: [marker] }, { node }).get()
  return markers[0]?.topics[0]?.partitions[0]?.errorCode ?? -1
}

function producersOn(bench: BrokerBench, topic: string, partition = 0) {
  const topics = [{ name: topic, partitionIndexes: [partition] }]
  const answer = bench.ask(describeProducers, 0, { topics }).get()
  return answer.topics[0]?.partitions[0]
}

function described(bench: BrokerBench, id: string) {
  return bench.ask(describeTransactions, 0, { transactionalIds: [id] }).get().transactionStates[0]
}

/** The group's position, or the error that asking for a stable one meets. */
function position(bench: BrokerBench): number | string {
  const topics = [{ name: 'lines', partitionIndexes: [0] }]
  const message = { groups: [{ groupId, topics }], requireStable: true }
  const found = bench.ask(offsetFetch, 8, message).get().groups[0]?.topics[0]?.partitions[0]
  if (found?.errorCode === errorCode('UNSTABLE_OFFSET_COMMIT')) return 'unstable'
  return found?.committedOffset ?? 'none'
}

const committed = (bench: BrokerBench) => read(bench, 'lines', 0, { committed: true })

test.each([true, false])(
  'a transaction whose markers are lost ends for its coordinator alone (commit: %p)',
  (commit) => {
    const { bench, producer } = benchWithTransaction()
    begin(bench, producer, 'a', 7)
    const { producerId } = producer
    bench.broker.cluster.transactions.loseMarkers(1)
    expect(producer.end(commit)).toBe(0)
    expect(described(bench, 'p')).toMatchObject({
      transactionState: commit ? 'CompleteCommit' : 'CompleteAbort',
      producerEpoch: 1,
      topics: [],
    })
    expect(committed(bench).partition()).toMatchObject({ lastStableOffset: 0, highWatermark: 1 })
    expect(position(bench)).toBe('unstable')
    const open = { producerId, producerEpoch: 0, coordinatorEpoch: -1, currentTxnStartOffset: 0 }
    expect(producersOn(bench, 'lines')?.activeProducers).toMatchObject([open])
    expect(producersOn(bench, offsetsTopic, groupPartition)?.activeProducers).toMatchObject([open])
    const healthy = new TransactionalProducer(bench, 'q').initialise()
    healthy.send('lines', ['b'])
    expect(healthy.end(true)).toBe(0)
    expect(read(bench, 'lines', 0).values()).toEqual(['0:a', '1:b', '2:commit'])
    expect(committed(bench).values()).toEqual([])
  },
)

test.each([true, false])('lost markers can be written later (commit: %p)', (commit) => {
  const { bench, producer } = benchWithTransaction()
  begin(bench, producer, 'a', 7)
  const { producerId } = producer
  bench.broker.cluster.transactions.loseMarkers(1)
  producer.end(commit)
  expect(mark(bench, producerId, { epoch: 1, commit })).toBe(0)
  expect(position(bench)).toBe('unstable')
  expect(mark(bench, producerId, { epoch: 1, commit, topic: offsetsTopic })).toBe(0)
  expect(committed(bench).values()).toEqual(['0:a', commit ? '1:commit' : '1:abort'])
  expect(committed(bench).aborted()).toEqual(commit ? [] : [`${producerId}@0`])
  expect(position(bench)).toBe(commit ? 7 : -1)
  const closed = { producerId, producerEpoch: 1, lastSequence: -1, currentTxnStartOffset: -1 }
  expect(producersOn(bench, 'lines')?.activeProducers).toMatchObject([closed])
  expect(producersOn(bench, offsetsTopic, groupPartition)?.activeProducers).toMatchObject([closed])
})

test('what is written over lost markers joins the transaction that they should have ended', () => {
  const { bench, producer } = benchWithTransaction()
  begin(bench, producer, 'a', 7)
  bench.broker.cluster.transactions.loseMarkers(1)
  producer.end(true)
  expect(producer.send('lines', ['b'])).toBe(0)
  producer.end(false)
  expect(committed(bench).aborted()).toEqual([`${producer.producerId}@0`])
})

test('only as many transactions lose their markers as were asked for', () => {
  const { bench, producer } = benchWithTransaction()
  const other = new TransactionalProducer(bench, 'q').initialise()
  bench.broker.cluster.transactions.loseMarkers(1)
  for (const each of [producer, other]) {
    each.send('lines', [each.id])
    each.end(true)
  }
  expect(read(bench, 'lines', 0).values()).toEqual(['0:p', '1:q', '2:commit'])
})

test('a marker of version 2 has an epoch above the open data, an earlier one may equal it', () => {
  const fenced = errorCode('INVALID_PRODUCER_EPOCH')
  for (const topic of ['lines', offsetsTopic]) {
    const { bench, producer } = benchWithTransaction()
    begin(bench, producer, 'a', 1)
    producer.end(true)
    begin(bench, producer, 'b', 2)
    const { producerId } = producer
    expect(mark(bench, producerId, { topic, epoch: 0, transactionVersion: 0 })).toBe(fenced)
    expect(mark(bench, producerId, { topic, epoch: 1 })).toBe(fenced)
    expect(mark(bench, producerId, { topic, epoch: 1, transactionVersion: 1 })).toBe(0)
    // Nothing is open any more.
    expect(mark(bench, producerId, { topic, epoch: 1 })).toBe(0)
    expect(mark(bench, producerId, { topic, epoch: 0 })).toBe(fenced)
  }
})

test('a marker of an older coordinator is refused, as one without a producer is', () => {
  const { bench } = benchWithTransaction()
  for (const topic of ['lines', offsetsTopic]) {
    expect(mark(bench, 99, { topic, epoch: 3, coordinatorEpoch: 5 })).toBe(0)
    const older = mark(bench, 99, { topic, epoch: 3, coordinatorEpoch: 4 })
    expect(older).toBe(errorCode('TRANSACTION_COORDINATOR_FENCED'))
    expect(mark(bench, 99, { topic, epoch: -1 })).toBe(errorCode('UNKNOWN_SERVER_ERROR'))
  }
})

test('a marker for what is not there, or led elsewhere, is refused', () => {
  const bench = new BrokerBench({ nodes: 2 })
  bench.topic('lines')
  const leader = bench.broker.cluster.topics.get('lines')?.partitions[0]?.leader
  const unknown = errorCode('UNKNOWN_TOPIC_OR_PARTITION')
  expect(mark(bench, 1, { epoch: 0, topic: 'absent' })).toBe(unknown)
  expect(mark(bench, 1, { epoch: 0, partition: 1 })).toBe(unknown)
  expect(mark(bench, 1, { epoch: 0, topic: offsetsTopic, partition: 50 })).toBe(unknown)
  const elsewhere = errorCode('NOT_LEADER_OR_FOLLOWER')
  expect(mark(bench, 1, { epoch: 0 }, leader === 1 ? 2 : 1)).toBe(elsewhere)
  const coordinator = bench.broker.cluster.coordinator('group', groupId)
  const other = coordinator === 1 ? 2 : 1
  expect(mark(bench, 1, { epoch: 0, topic: offsetsTopic }, other)).toBe(elsewhere)
})

test('a transaction names the partition of its groups while it is open', () => {
  const { bench, producer } = benchWithTransaction()
  expect(described(bench, 'p')).toMatchObject({ transactionState: 'Empty', topics: [] })
  begin(bench, producer, 'a', 1)
  expect(described(bench, 'p')).toMatchObject({
    transactionState: 'Ongoing',
    topics: [
      { topic: 'lines', partitions: [0] },
      { topic: offsetsTopic, partitions: [groupPartition] },
    ],
  })
  const absent = described(bench, 'absent')?.errorCode
  expect(absent).toBe(errorCode('TRANSACTIONAL_ID_NOT_FOUND'))
})

test('the topic of positions is told by name only, led by the coordinators of its groups', () => {
  const bench = new BrokerBench({ nodes: 3 })
  bench.topic('lines')
  const topicsOf = (names: readonly string[] | null) =>
    bench
      .ask(metadata, 12, {
        topics: names?.map((name) => ({ name })) ?? null,
        allowAutoTopicCreation: false,
      })
      .get().topics
  expect(topicsOf(null).map(({ name }) => name)).toEqual(['lines'])
  const [first] = topicsOf([offsetsTopic])
  expect(first).toMatchObject({ errorCode: 0, isInternal: true })
  expect(first?.partitions).toHaveLength(50)
  const to = first?.partitions[groupPartition]?.leaderId === 3 ? 1 : 3
  bench.broker.cluster.moveCoordinator('group', groupId, nodeId(to))
  const coordinators = bench.ask(findCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] })
  const moved = topicsOf([offsetsTopic])[0]?.partitions[groupPartition]
  expect(moved?.leaderId).toBe(to)
  expect(to).toBe(coordinators.get().coordinators[0]?.nodeId)
  expect(moved?.leaderEpoch).toBe(1)
})

test('older brokers have no transaction version in their markers', () => {
  const bench = new BrokerBench({ transactionVersion: 0 })
  expect(() => bench.ask(writeTxnMarkers, 2, { markers: [] }).get()).toThrow()
  expect(bench.ask(writeTxnMarkers, 1, { markers: [] }).get().markers).toEqual([])
})
