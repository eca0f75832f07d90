import { expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import { initProducerId } from '../../../../src/kafka/protocol/messages/index.ts'
import { batchOf, BrokerBench } from './broker-bench.ts'
import { read, write } from './records.ts'

function idempotent(bench: BrokerBench): number {
  const message = { transactionalId: null, transactionTimeoutMs: 0 }
  return bench.ask(initProducerId, 4, message).get().producerId
}

function benchWithProducer() {
  const bench = new BrokerBench()
  bench.topic('lines')
  const producerId = idempotent(bench)
  const send = (baseSequence: number, values: readonly string[], producerEpoch = 0) =>
    write(bench, 'lines', batchOf(values, { producerId, producerEpoch, baseSequence }))
  return { bench, send }
}

test('a batch that is sent again is answered with its first offset and not written twice', () => {
  const { bench, send } = benchWithProducer()
  send(0, ['a', 'b'])
  send(2, ['c'])
  expect(send(0, ['a', 'b'])).toMatchObject({ errorCode: 0, baseOffset: 0 })
  expect(read(bench, 'lines', 0).values()).toEqual(['0:a', '1:b', '2:c'])
})

test('five batches are remembered: an older one, or one of another size, is out of order', () => {
  const { send } = benchWithProducer()
  for (let i = 0; i < 7; i++) send(i, ['x'])
  const outOfOrder = errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER')
  expect(send(2, ['x']).errorCode).toBe(0)
  expect(send(1, ['x']).errorCode).toBe(outOfOrder)
  expect(send(6, ['x', 'y']).errorCode).toBe(outOfOrder)
})

test('a gap in the sequence is refused and nothing of it is written', () => {
  const { bench, send } = benchWithProducer()
  send(0, ['a'])
  expect(send(2, ['c']).errorCode).toBe(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'))
  expect(send(1, ['b']).errorCode).toBe(0)
  expect(read(bench, 'lines', 0).values()).toEqual(['0:a', '1:b'])
})

test('a new epoch begins with sequence 0, and the old epoch is refused from then on', () => {
  const { send } = benchWithProducer()
  send(0, ['a'])
  expect(send(1, ['b'], 1).errorCode).toBe(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'))
  expect(send(0, ['b'], 1).errorCode).toBe(0)
  expect(send(1, ['c'], 0).errorCode).toBe(errorCode('INVALID_PRODUCER_EPOCH'))
})

test('sequences wrap from 2³¹−1 to 0', () => {
  const { send } = benchWithProducer()
  send(0x7fff_fffe, ['a', 'b'])
  expect(send(0, ['c']).errorCode).toBe(0)
  expect(send(0x7fff_fffe, ['a', 'b']).baseOffset).toBe(0)
})
