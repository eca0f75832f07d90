import { expect, test } from '@jest/globals'
import {
  type EncodedRequest,
  decodeResponse,
  encodeRequest,
} from '../../src/kafka/protocol/codec.ts'
import { endTxn, fetch, metadata, produce } from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import { WireError } from '../../src/kafka/wire.ts'
import { type NodeId, nodeId } from '../../src/model/ids.ts'
import { type ContractBroker, describeEachBroker } from './brokers.ts'

const ask = encodeRequest(metadata, 9, { topics: [] })

/** A request that the broker holds for 20 s: nothing comes to the partition. */
function held(topic: string): EncodedRequest {
  return encodeRequest(fetch, 12, {
    maxWaitMs: 20_000,
    minBytes: 1,
    maxBytes: 1_000,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }],
  })
}

async function prepared(broker: ContractBroker) {
  const { wire, metadata: cache } = await broker.connect()
  const topic = await broker.topic()
  const { node } = await cache.leaderOf({ topic, partition: 0 })
  return { wire, topic, node }
}

async function failure(sending: Promise<unknown>): Promise<WireError> {
  const error: unknown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (error instanceof WireError) return error
  throw new Error('the request did not fail with a WireError', { cause: error })
}

describeEachBroker('the wire', (broker) => {
  test('a node tells the versions of its APIs and the features of the cluster', async () => {
    const { wire, node } = await prepared(broker())
    const versions = await wire.apiVersions(node)
    expect(versions.range(produce.key)).toMatchObject({ max: 13 })
    expect(versions.range(endTxn.key)).toMatchObject({ min: 0, max: 5 })
    expect(versions.range(32_000)).toBeUndefined()
    expect(versions.feature('transaction.version')).toBe(2)
    expect(versions.feature('absent')).toBe(0)
  })

  test('many requests at once are each given their own answer', async () => {
    const { wire, node } = await prepared(broker())
    const lane = wire.lane('control')
    const versions = Array.from({ length: 40 }, (_, i) => 1 + (i % 12))
    const answers = await Promise.all(
      versions.map(async (version) => {
        const request = encodeRequest(metadata, version, { topics: [] })
        const body = await lane.send(node, request, 10_000)
        return decodeResponse(metadata, version, new Reader(body))
      }),
    )
    for (const answer of answers) expect(answer.brokers.length).toBeGreaterThan(0)
  })

  test('a request that is not answered in time fails, and the lane goes on', async () => {
    const { wire, topic, node } = await prepared(broker())
    const lane = wire.lane('fetch')
    const error = await failure(lane.send(node, held(topic), 100))
    expect(error).toMatchObject({ reason: 'timeout', sent: true })
    await lane.send(node, ask, 10_000)
  })

  test('dropping a node rejects what is in flight, and the lane goes on', async () => {
    const { wire, topic, node } = await prepared(broker())
    const lane = wire.lane('fetch')
    await lane.send(node, ask, 10_000)
    const inFlight = failure(lane.send(node, held(topic), 60_000))
    lane.drop(node)
    expect(await inFlight).toMatchObject({ reason: 'closed', sent: true })
    await lane.send(node, ask, 10_000)
  })

  test('a lane is not held up by another one', async () => {
    const { wire, topic, node } = await prepared(broker())
    const slow = wire.lane('fetch')
    const inFlight = failure(slow.send(node, held(topic), 60_000))
    await wire.lane('control').send(node, ask, 2_000)
    slow.drop(node)
    await inFlight
  })

  test('a lane that was closed sends nothing', async () => {
    const { wire, node } = await prepared(broker())
    const lane = wire.lane('restore')
    await lane.send(node, ask, 10_000)
    await lane.close()
    expect(await failure(lane.send(node, ask, 1_000))).toMatchObject({
      reason: 'closed',
      sent: false,
    })
  })

  test('closing the wire rejects what is in flight on every lane', async () => {
    const { wire, topic, node } = await prepared(broker())
    const lane = wire.lane('fetch')
    await lane.send(node, ask, 10_000)
    const inFlight = failure(lane.send(node, held(topic), 60_000))
    await wire.close()
    expect(await inFlight).toMatchObject({ reason: 'closed', sent: true })
  })

  test('a node that does not exist cannot be reached', async () => {
    const { wire } = await prepared(broker())
    const nobody: NodeId = nodeId(4_711)
    expect(await failure(wire.lane('control').send(nobody, ask, 1_000))).toMatchObject({
      reason: 'unreachable',
      sent: false,
    })
  })
})
