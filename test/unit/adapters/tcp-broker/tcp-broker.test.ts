import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { startTcpBroker, type TcpBroker } from '../../../../src/adapters/tcp-broker/index.ts'
import { systemEnv } from '../../../../src/env/system.ts'
import { type LogLine, VirtualEnv } from '../../../../src/testing/virtual-env.ts'

const virtual = new VirtualEnv()
const env = { ...systemEnv({ logLevel: 'silent' }), logger: virtual.logger }
const brokers: TcpBroker[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const broker of brokers.splice(0)) await broker.close()
})

async function start(): Promise<{ readonly broker: TcpBroker; readonly socket: Socket }> {
  const broker = await startTcpBroker({ env, frameBytesMax: 1_000 })
  brokers.push(broker)
  const [host = '', port = ''] = (broker.addresses[0] ?? '').split(':')
  const socket = connect({ host, port: Number(port) })
  sockets.push(socket)
  await once(socket, 'connect')
  return { broker, socket }
}

/** A request with header version 1 and the client id `t`. */
function request(apiKey: number, version: number, correlation: number, body: readonly number[]) {
  const header = [0, apiKey, 0, version, 0, 0, 0, correlation, 0, 1, 0x74]
  const frame = [...header, ...body]
  return Buffer.from([0, 0, 0, frame.length, ...frame])
}

async function receive(socket: Socket, frames: number): Promise<readonly Buffer[]> {
  let bytes = Buffer.alloc(0)
  const found: Buffer[] = []
  while (found.length < frames) {
    const [chunk] = await once(socket, 'data')
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE()) {
      const end = 4 + bytes.readInt32BE()
      found.push(bytes.subarray(4, end))
      bytes = bytes.subarray(end)
    }
  }
  return found
}

const warnings = (): readonly LogLine[] => virtual.lines.filter((line) => line.level === 'warn')

test('answers come in the order of the requests, although the first has to wait', async () => {
  const { broker, socket } = await start()
  broker.broker.cluster.topics.create({
    name: 't',
    replicationFactor: 1,
    assignments: [broker.broker.cluster.nodeIds()],
    configs: [],
  })
  const limits = [255, 255, 255, 255, 0, 0, 0, 30, 0, 0, 0, 1, 0, 1, 0, 0, 0]
  const topic = [0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 1]
  const partition = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
  const waitingFetch = request(1, 4, 1, limits.concat(topic, partition))
  const metadata = request(3, 1, 2, [0, 0, 0, 0])
  const started = performance.now()
  socket.write(Buffer.concat([waitingFetch, metadata]))
  const answers = await receive(socket, 2)
  expect(answers.map((answer) => answer.readInt32BE())).toEqual([1, 2])
  expect(performance.now() - started).toBeGreaterThan(25)
})

test('an ApiVersions request of a version from the future gets the list in version 0', async () => {
  const { socket } = await start()
  socket.write(request(18, 99, 7, [0, 1, 1, 0]))
  const [answer] = await receive(socket, 1)
  expect(answer?.readInt32BE()).toBe(7)
  expect(answer?.readInt16BE(4)).toBe(35)
  expect(answer?.readInt32BE(6)).toBeGreaterThan(10)
})

test.each([
  ['a body that ends early', request(3, 1, 1, [0, 0, 0, 9])],
  ['an API key that is not served', request(99, 0, 1, [])],
  ['a frame over the limit', Buffer.from([0x7f, 0, 0, 0, 0])],
  ['a frame without a header', Buffer.from([0, 0, 0, 1, 0])],
])('%s closes the connection with a line in the log', async (_name, bytes) => {
  const { socket } = await start()
  const before = warnings().length
  socket.write(bytes)
  await once(socket, 'close')
  expect(warnings().slice(before)).toMatchObject([{ message: 'connection closed' }])
})

test('a port that is taken is an error that names it', async () => {
  const { broker } = await start()
  const port = Number(broker.addresses[0]?.split(':')[1])
  await expect(startTcpBroker({ env, port })).rejects.toMatchObject({ code: 'BROKER_PORT_TAKEN' })
})
