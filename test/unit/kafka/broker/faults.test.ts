import { expect, test } from '@jest/globals'
import type { FaultRule } from '../../../../src/kafka/broker/faults.ts'
import { describeCluster, endTxn } from '../../../../src/kafka/protocol/messages/index.ts'
import { BrokerBench } from './broker-bench.ts'
import { read } from './records.ts'
import { TransactionalProducer } from './transactional-producer.ts'

function benchWithOpenTransaction(rule: FaultRule) {
  const bench = new BrokerBench()
  bench.topic('lines')
  const producer = new TransactionalProducer(bench, 'p').initialise()
  producer.send('lines', ['a'])
  bench.broker.faults.add(rule)
  const { producerId, epoch: producerEpoch } = producer
  const message = { transactionalId: 'p', producerId, producerEpoch, committed: true }
  const end = () => bench.ask(endTxn, 5, message)
  const values = () => read(bench, 'lines', 0, { committed: true }).values()
  return { bench, end, values }
}

test('a commit whose reply is lost has happened, and the same request settles it', () => {
  const { bench, end, values } = benchWithOpenTransaction({
    apiKey: endTxn.key,
    action: { kind: 'lose-reply', connection: 'reset' },
  })
  expect(end().answer).toBeUndefined()
  expect(bench.closed).toHaveLength(1)
  expect(values()).toEqual(['0:a', '1:commit'])
  expect(end().get().errorCode).toBe(0)
})

test('a request that is lost has not happened', () => {
  const { end, values } = benchWithOpenTransaction({
    apiKey: endTxn.key,
    action: { kind: 'lose-request', connection: 'silence' },
  })
  expect(end().answer).toBeUndefined()
  expect(values()).toEqual([])
  expect(end().get().errorCode).toBe(0)
  expect(values()).toEqual(['0:a', '1:commit'])
})

test('a late request takes effect late, a late reply only arrives late', () => {
  const request = benchWithOpenTransaction({
    apiKey: endTxn.key,
    action: { kind: 'delay-request', ms: 10 },
  })
  const late = request.end()
  request.bench.pass(9)
  expect(request.values()).toEqual([])
  request.bench.pass(1)
  expect(late.get().errorCode).toBe(0)
  const reply = benchWithOpenTransaction({
    apiKey: endTxn.key,
    action: { kind: 'delay-reply', ms: 10 },
  })
  const answered = reply.end()
  expect(reply.values()).toEqual(['0:a', '1:commit'])
  expect(answered.answer).toBeUndefined()
  reply.bench.pass(10)
  expect(answered.get().errorCode).toBe(0)
})

test('a rule lets the first ones pass, harms as many as it says, and can be taken away', () => {
  const bench = new BrokerBench()
  const ask = () => bench.ask(describeCluster, 0, { includeClusterAuthorizedOperations: false })
  const action = { kind: 'lose-request', connection: 'reset' } as const
  bench.broker.faults.add({ action, apiKey: describeCluster.key, skip: 1, times: 2 })
  const answered = Array.from({ length: 5 }, () => ask().answer !== undefined)
  expect(answered).toEqual([true, false, false, true, true])
  const remove = bench.broker.faults.add({ action, clientId: 'test' })
  remove()
  expect(ask().answer).toBeDefined()
})

test('on a connection that went silent nothing more is carried out', () => {
  const bench = new BrokerBench()
  const action = { kind: 'lose-reply', connection: 'silence' } as const
  bench.broker.faults.add({ action })
  const message = { includeClusterAuthorizedOperations: false }
  const first = bench.ask(describeCluster, 0, message, { connection: 'c' })
  const second = bench.ask(describeCluster, 0, message, { connection: 'c' })
  expect([first.answer, second.answer]).toEqual([undefined, undefined])
  expect(bench.ask(describeCluster, 0, message).answer).toBeDefined()
})
