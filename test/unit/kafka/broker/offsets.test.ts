import { expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import {
  addOffsetsToTxn,
  offsetCommit,
  offsetFetch,
  txnOffsetCommit,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { BrokerBench } from './broker-bench.ts'
import { GroupMember } from './group-member.ts'
import { TransactionalProducer } from './transactional-producer.ts'

function position(bench: BrokerBench, requireStable = true) {
  const topics = [{ name: 'lines', partitionIndexes: [0] }]
  const answer = bench.ask(offsetFetch, 7, { groupId: 'g', topics, requireStable }).get()
  const partition = answer.topics[0]?.partitions[0]
  return [partition?.committedOffset, partition?.errorCode]
}

function commitInTransaction(
  bench: BrokerBench,
  producer: TransactionalProducer,
  committedOffset: number,
  member?: GroupMember,
  version = 5,
) {
  const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: null }]
  const answer = bench.ask(txnOffsetCommit, version, {
    transactionalId: producer.id,
    groupId: 'g',
    producerId: producer.producerId,
    producerEpoch: producer.epoch,
    ...(member === undefined ? {} : { memberId: member.id, generationId: member.generation }),
    topics: [{ name: 'lines', partitions }],
  })
  return answer.get().topics[0]?.partitions[0]?.errorCode
}

function setUp() {
  const bench = new BrokerBench()
  bench.topic('lines')
  return { bench, producer: new TransactionalProducer(bench, 'p').initialise() }
}

test('positions of an open transaction are unstable, and valid when it commits', () => {
  const { bench, producer } = setUp()
  expect(commitInTransaction(bench, producer, 5)).toBe(0)
  expect(position(bench)).toEqual([-1, errorCode('UNSTABLE_OFFSET_COMMIT')])
  expect(position(bench, false)).toEqual([-1, 0])
  expect(producer.end(true)).toBe(0)
  expect(position(bench)).toEqual([5, 0])
})

test('positions of an aborted transaction leave the ones before them', () => {
  const { bench, producer } = setUp()
  commitInTransaction(bench, producer, 5)
  producer.end(true)
  commitInTransaction(bench, producer, 9)
  producer.end(false)
  expect(position(bench)).toEqual([5, 0])
})

test('a plain commit after the pending one is not undone by the transaction’s end', () => {
  const { bench, producer } = setUp()
  commitInTransaction(bench, producer, 5)
  bench.ask(offsetCommit, 7, {
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [
      {
        name: 'lines',
        partitions: [{ partitionIndex: 0, committedOffset: 20, committedMetadata: '' }],
      },
    ],
  })
  producer.end(true)
  expect(position(bench)).toEqual([20, 0])
})

test('a transactional commit is fenced by generation and member (KIP-447)', () => {
  const { bench, producer } = setUp()
  const member = new GroupMember(bench, 'g')
  const join = member.join()
  bench.pass(1)
  member.take(join)
  expect(commitInTransaction(bench, producer, 5, member)).toBe(0)
  member.generation--
  expect(commitInTransaction(bench, producer, 6, member)).toBe(errorCode('ILLEGAL_GENERATION'))
  member.id = 'expelled'
  expect(commitInTransaction(bench, producer, 6, member)).toBe(errorCode('UNKNOWN_MEMBER_ID'))
  expect(producer.end(true)).toBe(0)
  expect(position(bench)).toEqual([5, 0])
})

test('by protocol 1 the group has to be added to the transaction first', () => {
  const { bench, producer } = setUp()
  expect(commitInTransaction(bench, producer, 5, undefined, 3)).toBe(errorCode('INVALID_TXN_STATE'))
  bench.ask(addOffsetsToTxn, 3, {
    transactionalId: 'p',
    producerId: producer.producerId,
    producerEpoch: producer.epoch,
    groupId: 'g',
  })
  expect(commitInTransaction(bench, producer, 5, undefined, 3)).toBe(0)
})

test('a fenced producer’s positions are refused, and what it left is dropped', () => {
  const { bench, producer } = setUp()
  commitInTransaction(bench, producer, 5)
  new TransactionalProducer(bench, 'p').initialise()
  expect(commitInTransaction(bench, producer, 6)).toBe(errorCode('INVALID_PRODUCER_EPOCH'))
  expect(position(bench)).toEqual([-1, 0])
})
