import { expect, test } from '@jest/globals'
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../../../src/kafka/protocol/codec.ts'
import { initProducerId, metadata } from '../../../../src/kafka/protocol/messages/index.ts'
import { MalformedMessage, Reader } from '../../../../src/kafka/protocol/reader.ts'

test('a request is read back as it was written, in the compact and in the old encoding', () => {
  for (const version of [0, 1, 2, 5]) {
    const message = { transactionalId: 'counts-1', transactionTimeoutMs: 10_000 }
    const { body, flexible } = encodeRequest(initProducerId, version, message)
    const decoded = decodeRequest(initProducerId, version, new Reader(Buffer.concat(body)))
    expect(decoded).toMatchObject({ ...message, producerId: -1 })
    expect(flexible).toBe(version >= 2)
  }
})

test('nested structures and defaults come back', () => {
  const topic = { errorCode: 3, name: 'lines', partitions: [] }
  const body = encodeResponse(metadata, 12, {
    brokers: [{ nodeId: 1, host: 'localhost', port: 9092 }],
    topics: [topic],
  })
  const decoded = decodeResponse(metadata, 12, new Reader(Buffer.concat(body)))
  expect(decoded.brokers).toEqual([{ nodeId: 1, host: 'localhost', port: 9092, rack: null }])
  expect(decoded.topics[0]).toMatchObject({ ...topic, isInternal: false })
})

test('a message that ends early is malformed, not guessed', () => {
  const { body } = encodeRequest(initProducerId, 2, {
    transactionalId: 'counts-1',
    transactionTimeoutMs: 1,
  })
  const short = Buffer.concat(body).subarray(0, 6)
  expect(() => decodeRequest(initProducerId, 2, new Reader(short))).toThrow(MalformedMessage)
})
