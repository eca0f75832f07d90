import { expect, test } from '@jest/globals'
import { connectKafka } from '../../../../src/kafka/client/connect.ts'
import { endTxn, metadata as metadataApi } from '../../../../src/kafka/protocol/messages/index.ts'
import { WireError } from '../../../../src/kafka/wire.ts'
import { kafkajsWire } from '../../../../src/adapters/kafkajs/wire.ts'
import { quietEnv } from '../../../quiet-env.ts'
import { ScriptedWire } from './scripted-wire.ts'

const codecs = { compress: () => new Uint8Array(0), decompress: () => new Uint8Array(0) }
const settings = { env: quietEnv, ...codecs, requestTimeoutMs: 500 }

function scripted(): ScriptedWire {
  return new ScriptedWire().on(metadataApi, () => ({
    clusterId: 'mill',
    brokers: [{ nodeId: 1, host: 'broker-1', port: 9092 }],
    topics: [],
  }))
}

test('protocol 2 is chosen where the cluster has finalised it and speaks all of it', async () => {
  const wire = scripted()
  wire.features = { 'transaction.version': 2 }
  const client = await connectKafka({ wire, ...settings })
  expect(client.capabilities).toEqual({ transactionProtocol: 2, clusterId: 'mill' })
})

test('protocol 1 is chosen without the feature or a version of it, and when asked', async () => {
  const without = scripted()
  const partly = scripted().speaks(endTxn, { min: 0, max: 4 })
  partly.features = { 'transaction.version': 2 }
  const asked = scripted()
  asked.features = { 'transaction.version': 2 }
  const clients = [
    await connectKafka({ wire: without, ...settings }),
    await connectKafka({ wire: partly, ...settings }),
    await connectKafka({ wire: asked, ...settings, transactionProtocol: 1 }),
  ]
  expect(clients.map(({ capabilities }) => capabilities.transactionProtocol)).toEqual([1, 1, 1])
})

test('no broker at any address is one error with each address and what to do', async () => {
  const wire = kafkajsWire({ brokers: ['127.0.0.1:1', '127.0.0.1:2'] }, quietEnv)
  const refused = connectKafka({ wire, ...settings })
  await expect(refused).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
  await expect(refused).rejects.toThrow(
    /127\.0\.0\.1:1: .*ECONNREFUSED.*is a Kafka broker running there[^]*127\.0\.0\.1:2: /,
  )
})

test('a client that could not connect leaves no wire open', async () => {
  const wire = scripted().on(metadataApi, () => new WireError('authentication', 'no', false))
  await expect(connectKafka({ wire, ...settings })).rejects.toMatchObject({
    code: 'AUTHENTICATION_FAILED',
  })
  expect(wire.closed).toBe(true)
})

test('a fetcher that nobody closed fetches nothing after its client was closed', async () => {
  const wire = scripted()
  const client = await connectKafka({ wire, ...settings })
  const fetcher = client.fetcher({
    isolation: 'read_committed',
    waitMs: 1,
    bytesMin: 1,
    bytesMax: 1_000,
    partitionBytesMax: 1_000,
    bufferBytesMax: 1_000,
    lane: 'fetch',
  })
  await client.close()
  const asked = wire.sent.length
  fetcher.assign({ topic: 'lines', partition: 0 }, 0)
  await quietEnv.timers.yield()
  await quietEnv.timers.yield()
  expect(wire.sent).toHaveLength(asked)
})

test('closing the client closes its wire and ends what is being tried again', async () => {
  const wire = scripted()
  const client = await connectKafka({ wire, ...settings, requestTimeoutMs: 60_000 })
  wire.on(metadataApi, () => new WireError('unreachable', 'gone', false))
  const asking = client.admin.describeTopics(['lines'])
  await client.close()
  await expect(asking).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
  expect(wire.closed).toBe(true)
})
