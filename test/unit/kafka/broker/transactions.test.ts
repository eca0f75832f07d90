import { expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import {
  describeTransactions,
  initProducerId,
  listTransactions,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { BrokerBench } from './broker-bench.ts'
import { read } from './records.ts'
import { TransactionalProducer } from './transactional-producer.ts'

function benchWith(...names: readonly string[]) {
  const bench = new BrokerBench()
  bench.topic('lines', 2)
  const producers = names.map((name) => new TransactionalProducer(bench, name).initialise())
  return { bench, producers }
}

function phaseOf(bench: BrokerBench, id: string): string | undefined {
  const answer = bench.ask(describeTransactions, 0, { transactionalIds: [id] }).get()
  return answer.transactionStates[0]?.transactionState
}

const committed = (bench: BrokerBench, from = 0) => read(bench, 'lines', from, { committed: true })

test.each([1, 2] as const)(
  'protocol %d: a committed transaction becomes visible with its marker, an aborted one is listed',
  (protocol) => {
    const bench = new BrokerBench()
    bench.topic('lines')
    const producer = new TransactionalProducer(bench, 'p', protocol).initialise()
    expect(producer.send('lines', ['a', 'b'])).toBe(0)
    expect(committed(bench).values()).toEqual([])
    expect(producer.end(true)).toBe(0)
    expect(committed(bench).values()).toEqual(['0:a', '1:b', '2:commit'])
    expect(producer.send('lines', ['c'])).toBe(0)
    expect(producer.end(false)).toBe(0)
    expect(committed(bench, 3).values()).toEqual(['3:c', '4:abort'])
    expect(committed(bench).aborted()).toEqual([`${producer.producerId}@3`])
  },
)

test('the last stable offset waits for the oldest open transaction', () => {
  const { bench, producers } = benchWith('slow', 'fast')
  const [slow, fast] = producers
  slow?.send('lines', ['s'])
  fast?.send('lines', ['f'])
  fast?.end(true)
  expect(committed(bench).partition()).toMatchObject({ lastStableOffset: 0, highWatermark: 3 })
  expect(committed(bench).values()).toEqual([])
  slow?.end(true)
  expect(committed(bench).values()).toEqual(['0:s', '1:f', '2:commit', '3:commit'])
})

test('aborted transactions are listed in the order of their markers, not of their begin', () => {
  const { bench, producers } = benchWith('first', 'second')
  const [first, second] = producers
  first?.send('lines', ['a'])
  second?.send('lines', ['b'])
  second?.end(false)
  first?.end(false)
  const expected = [`${second?.producerId}@1`, `${first?.producerId}@0`]
  expect(committed(bench).aborted()).toEqual(expected)
  expect(committed(bench, 3).aborted()).toEqual([`${first?.producerId}@0`])
})

test('a read_committed fetch that waits is woken by the marker', () => {
  const { bench, producers } = benchWith('p')
  const [producer] = producers
  producer?.send('lines', ['a'])
  const waiting = read(bench, 'lines', 0, { committed: true, maxWaitMs: 1_000 })
  expect(waiting.asked.answer).toBeUndefined()
  producer?.end(true)
  expect(waiting.values()).toEqual(['0:a', '1:commit'])
})

test('a commit asked again is told that it happened, the other outcome is refused', () => {
  for (const protocol of [1, 2] as const) {
    const bench = new BrokerBench()
    bench.topic('lines')
    const producer = new TransactionalProducer(bench, 'p', protocol).initialise()
    producer.send('lines', ['a'])
    expect(producer.endUnheard(true)).toBe(0)
    expect(producer.endUnheard(true)).toBe(0)
    expect(producer.endUnheard(false)).toBe(errorCode('INVALID_TXN_STATE'))
    expect(read(bench, 'lines', 0).values()).toEqual(['0:a', '1:commit'])
  }
})

test('protocol 2 bumps the epoch at each end, so a late write of the ended one is refused', () => {
  const { bench, producers } = benchWith('p')
  const [producer] = producers
  producer?.send('lines', ['a'])
  producer?.endUnheard(true)
  expect(producer?.send('lines', ['late'])).toBe(errorCode('INVALID_PRODUCER_EPOCH'))
  expect(read(bench, 'lines', 0).values()).toEqual(['0:a', '1:commit'])
})

test('initialising an id with an open transaction aborts it and fences its owner', () => {
  const { bench, producers } = benchWith('p')
  const [owner] = producers
  owner?.send('lines', ['a'])
  const message = { transactionalId: 'p', transactionTimeoutMs: 60_000 }
  const first = bench.ask(initProducerId, 4, message).get()
  expect(first.errorCode).toBe(errorCode('CONCURRENT_TRANSACTIONS'))
  const next = new TransactionalProducer(bench, 'p').initialise()
  expect(next.producerId).toBe(owner?.producerId)
  expect(next.epoch).toBeGreaterThan(owner?.epoch ?? 0)
  expect(owner?.send('lines', ['zombie'])).toBe(errorCode('INVALID_PRODUCER_EPOCH'))
  expect(owner?.end(true)).toBe(errorCode('PRODUCER_FENCED'))
  expect(next.send('lines', ['b'])).toBe(0)
  expect(next.end(true)).toBe(0)
  expect(committed(bench).aborted()).toEqual([`${owner?.producerId}@0`])
})

test('a transaction that passes its time-out is aborted at that moment', () => {
  const { bench, producers } = benchWith('p')
  const producer = producers[0]?.initialise(5_000)
  producer?.send('lines', ['a'])
  bench.pass(4_999)
  expect(phaseOf(bench, 'p')).toBe('Ongoing')
  bench.pass(1)
  expect(phaseOf(bench, 'p')).toBe('CompleteAbort')
  expect(committed(bench).values()).toEqual(['0:a', '1:abort'])
  expect(producer?.send('lines', ['b'])).toBe(errorCode('INVALID_PRODUCER_EPOCH'))
  expect(producer?.end(true)).toBe(errorCode('INVALID_TXN_STATE'))
  expect(bench.broker.nextDeadline()).toBe(Number.POSITIVE_INFINITY)
})

test('until the markers are written, the id answers CONCURRENT_TRANSACTIONS', () => {
  const bench = new BrokerBench({ markerDelayMs: 8 })
  bench.topic('lines')
  const producer = new TransactionalProducer(bench, 'p').initialise()
  producer.send('lines', ['a'])
  const concurrent = errorCode('CONCURRENT_TRANSACTIONS')
  expect(producer.endUnheard(true)).toBe(0)
  expect(producer.endUnheard(true)).toBe(concurrent)
  expect(read(bench, 'lines', 0).values()).toEqual(['0:a'])
  bench.pass(8)
  expect(producer.end(true)).toBe(0)
  expect(read(bench, 'lines', 0).values()).toEqual(['0:a', '1:commit'])
  expect(producer.send('lines', ['b'])).toBe(0)
})

test('a commit of nothing is refused, as is a partition that does not exist', () => {
  const { bench, producers } = benchWith('p')
  const invalid = errorCode('INVALID_TXN_STATE')
  expect(producers[0]?.end(true)).toBe(invalid)
  const older = new TransactionalProducer(bench, 'older', 1).initialise()
  expect(older.end(true)).toBe(invalid)
  expect(older.add('lines', 7)).toBe(errorCode('UNKNOWN_TOPIC_OR_PARTITION'))
})

test('open transactions are listed by state and by a pattern of the id', () => {
  const { bench, producers } = benchWith('app-1', 'app-2', 'other')
  producers[0]?.send('lines', ['a'])
  producers[2]?.send('lines', ['b'])
  const message = { stateFilters: ['Ongoing'], producerIdFilters: [] }
  const ids = (transactionalIdPattern: string | null) =>
    bench
      .ask(listTransactions, 2, { ...message, transactionalIdPattern })
      .get()
      .transactionStates.map((state) => state.transactionalId)
  expect(ids(null)).toEqual(['app-1', 'other'])
  expect(ids('app-.*')).toEqual(['app-1'])
})

test('a producer id whose epochs are used up is followed by another', () => {
  const { bench, producers } = benchWith('p')
  const [producer] = producers
  const known = bench.broker.cluster.transactions.get('p')
  if (known === undefined || producer === undefined) throw new Error('no producer')
  known.producerEpoch = 0x7ffe
  producer.epoch = 0x7ffe
  const before = producer.producerId
  expect(producer.send('lines', ['a'])).toBe(0)
  expect(producer.endUnheard(true)).toBe(0)
  expect(producer.end(true)).toBe(0)
  expect(producer.epoch).toBe(0)
  expect(producer.producerId).not.toBe(before)
  expect(producer.send('lines', ['b'])).toBe(0)
  expect(producer.end(true)).toBe(0)
})
