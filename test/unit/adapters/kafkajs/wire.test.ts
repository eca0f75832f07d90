import { createServer } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { type KafkajsWireOptions, kafkajsWire } from '../../../../src/adapters/kafkajs/wire.ts'
import { encodeRequest } from '../../../../src/kafka/protocol/codec.ts'
import { metadata, produce } from '../../../../src/kafka/protocol/messages/index.ts'
import { WireError } from '../../../../src/kafka/wire.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { quietEnv } from '../../../quiet-env.ts'
import { type Asked, type ScriptedBroker, scriptedBroker } from './scripted-broker.ts'

/** The header of a flexible answer. */
const noTags = Buffer.from([0])
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function broker(on: (asked: Asked) => void = (asked) => asked.answer(noTags)) {
  const made = await scriptedBroker(on)
  closing.push(() => made.close())
  return made
}

function wireTo(...brokers: readonly (ScriptedBroker | string)[]) {
  const options: KafkajsWireOptions = {
    brokers: brokers.map((broker) => (typeof broker === 'string' ? broker : broker.address)),
    clientId: 'counts',
    connectTimeoutMs: 1_000,
  }
  const wire = kafkajsWire(options, quietEnv)
  closing.push(() => wire.close())
  return wire
}

const ask = (version: number) => encodeRequest(metadata, version, { topics: null })
const failure = async (sending: Promise<unknown>): Promise<WireError> => {
  const error = await sending.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (error instanceof WireError) return error
  throw new Error('the request did not fail with a WireError', { cause: error })
}

test('a broker without new ApiVersions is asked again in the oldest form', async () => {
  const wire = wireTo(await broker())
  await wire.connect()
  const versions = await wire.apiVersions(wire.anyNode())
  expect(versions.range(3)).toEqual({ min: 1, max: 12 })
  expect(versions.range(0)).toBeUndefined()
  expect(versions.feature('transaction.version')).toBe(0)
})

test('flexible requests get an empty tag section and lose that of the answer', async () => {
  const at = await broker((asked) => asked.answer(Buffer.from([0, 1, 2, 3])))
  const lane = wireTo(at).lane('control')
  const flexible = await lane.send(nodeId(-1), ask(9), 1_000)
  const plain = await lane.send(nodeId(-1), ask(1), 1_000)
  expect([...flexible]).toEqual([1, 2, 3])
  expect([...plain]).toEqual([0, 1, 2, 3])
  const [first, second] = at.asked
  expect(first?.frame.subarray(8, 17)).toEqual(Buffer.from('\0\x06counts\0'))
  expect(second?.frame.subarray(8, 16)).toEqual(Buffer.from('\0\x06counts'))
  expect(first?.frame.length).toBe(17 + Buffer.concat(ask(9).body).length)
})

test('requests that wait for the connection leave in the order of the calls', async () => {
  const at = await broker()
  const lane = wireTo(at).lane('produce')
  const versions = [1, 5, 9, 12, 2, 3, 4, 6]
  await Promise.all(versions.map((version) => lane.send(nodeId(-1), ask(version), 1_000)))
  expect(at.asked.map((asked) => asked.apiVersion)).toEqual(versions)
  expect(at.connections).toBe(1)
})

test('large record data arrives unharmed in one request', async () => {
  const at = await broker()
  const lane = wireTo(at).lane('produce')
  const records = Buffer.alloc(300_000, 'millrace')
  const request = encodeRequest(produce, 9, {
    acks: -1,
    timeoutMs: 1_000,
    topicData: [{ name: 'lines', partitionData: [{ index: 0, records }] }],
  })
  await lane.send(nodeId(-1), request, 1_000)
  const frame = at.asked[0]?.frame ?? Buffer.alloc(0)
  expect(frame.subarray(17)).toEqual(Buffer.concat(request.body))
})

test('lanes have sockets of their own', async () => {
  const at = await broker()
  const wire = wireTo(at)
  await wire.lane('fetch').send(nodeId(-1), ask(1), 1_000)
  await wire.lane('group').send(nodeId(-1), ask(1), 1_000)
  expect(at.connections).toBe(2)
})

test('a request that times out takes its connection with it', async () => {
  const at = await broker((asked) => asked.apiVersion > 2 && asked.answer(noTags))
  const lane = wireTo(at).lane('control')
  await lane.send(nodeId(-1), ask(3), 5_000)
  const other = failure(lane.send(nodeId(-1), ask(2), 60_000))
  const timedOut = await failure(lane.send(nodeId(-1), ask(1), 50))
  expect(timedOut).toMatchObject({ reason: 'timeout', sent: true })
  expect(timedOut.message).toContain('Metadata')
  expect(await other).toMatchObject({ reason: 'closed', sent: true })
  await lane.send(nodeId(-1), ask(3), 1_000)
  expect(at.connections).toBe(2)
})

test('requests in flight are rejected at once when the broker goes away', async () => {
  const at = await broker((asked) => asked.socket.destroy())
  const lane = wireTo(at).lane('control')
  const error = await failure(lane.send(nodeId(-1), ask(1), 60_000))
  expect(error).toMatchObject({ reason: 'closed', sent: true })
})

test('dropping a node rejects what is in flight and the next request connects again', async () => {
  const at = await broker((asked) => asked.apiVersion > 1 && asked.answer(noTags))
  const lane = wireTo(at).lane('group')
  const inFlight = failure(lane.send(nodeId(-1), ask(1), 60_000))
  await lane.send(nodeId(-1), ask(2), 1_000)
  lane.drop(nodeId(-1))
  expect(await inFlight).toMatchObject({ reason: 'closed', sent: true })
  await lane.send(nodeId(-1), ask(3), 1_000)
  expect(at.connections).toBe(2)
})

test('an unreachable broker is named with its reason, and the next address is used', async () => {
  const at = await broker()
  const wire = wireTo('127.0.0.1:1', at)
  await wire.connect()
  expect(wire.anyNode()).toBe(nodeId(-2))
  const alone = await failure(wireTo('127.0.0.1:1', '127.0.0.1:2').connect())
  expect(alone).toMatchObject({ reason: 'unreachable', sent: false })
  expect(alone.message).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED[^]*127\.0\.0\.1:2: .*ECONNREFUSED/)
})

test('learnt brokers take over the connection made by bootstrap address', async () => {
  const at = await broker()
  const wire = wireTo(at)
  await wire.connect()
  const lane = wire.lane('control')
  await lane.send(wire.anyNode(), ask(1), 1_000)
  const [host = '', port] = at.address.split(':')
  wire.learn([{ nodeId: nodeId(7), host, port: Number(port), rack: null }])
  expect(wire.anyNode()).toBe(nodeId(7))
  await lane.send(nodeId(7), ask(1), 1_000)
  await wire.apiVersions(nodeId(7))
  expect(at.connections).toBe(2)
  const unknown = await failure(lane.send(nodeId(8), ask(1), 1_000))
  expect(unknown).toMatchObject({ reason: 'unreachable', sent: false })
})

test('an answer with a broken header fails its request, not the process', async () => {
  const lane = wireTo(await broker((asked) => asked.answer(Buffer.from([1, 0])))).lane('control')
  expect(await failure(lane.send(nodeId(-1), ask(9), 1_000))).toMatchObject({ reason: 'closed' })
})

test('a listener that closes at once is told from a broker, with a hint at TLS', async () => {
  const server = createServer((socket) => socket.resume().end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(() => resolve())))
  const at = server.address()
  const port = typeof at === 'object' && at !== null ? at.port : 0
  const error = await failure(wireTo(`127.0.0.1:${port}`).connect())
  expect(error.reason).toBe('closed')
  expect(error.message).toContain('TLS')
})

test('an address that is not host:port is refused with an example', () => {
  expect(() => wireTo('localhost')).toThrow(/localhost:9092/)
})
