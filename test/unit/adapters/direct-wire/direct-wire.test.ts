import { expect, test } from '@jest/globals'
import { BrokerHost } from '../../../../src/adapters/direct-wire/broker-host.ts'
import { DirectWire } from '../../../../src/adapters/direct-wire/direct-wire.ts'
import { Broker } from '../../../../src/kafka/broker/broker.ts'
import { decodeResponse, encodeRequest } from '../../../../src/kafka/protocol/codec.ts'
import {
  describeCluster,
  endTxn,
  joinGroup,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../../../src/kafka/protocol/reader.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { VirtualEnv } from '../../../../src/testing/virtual-env.ts'

const node = nodeId(1)

function setUp() {
  const env = new VirtualEnv()
  const broker = new Broker({ nodes: 2, initialRebalanceDelayMs: 500 })
  broker.cluster.moveCoordinator('group', 'g', node)
  const host = new BrokerHost(broker, env)
  const wire = new DirectWire(host, env)
  return { env, broker, host, wire, lane: wire.lane('control') }
}

const cluster = encodeRequest(describeCluster, 0, { includeClusterAuthorizedOperations: false })

function joining(memberId = '') {
  return encodeRequest(joinGroup, 3, {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId,
    protocolType: 'test',
    protocols: [{ name: 'plan', metadata: new Uint8Array(0) }],
  })
}

test('an answer is the body of the response, from any node', async () => {
  const { lane } = setUp()
  for (const asked of [nodeId(1), nodeId(2)]) {
    const body = await lane.send(asked, cluster, 1_000)
    const answer = decodeResponse(describeCluster, 0, new Reader(body))
    expect(answer.brokers.map((each) => each.brokerId)).toEqual([1, 2])
  }
})

test('versions and features are told as the broker has them', async () => {
  const { wire } = setUp()
  const versions = await wire.apiVersions(node)
  expect(versions.range(endTxn.key)).toEqual({ min: 0, max: 5 })
  expect(versions.range(999)).toBeUndefined()
  expect(versions.feature('transaction.version')).toBe(2)
})

test('what waits in the broker is answered by the clock, before what is behind it', async () => {
  const { env, lane } = setUp()
  const order: string[] = []
  const join = lane.send(node, joining(), 60_000).then(() => order.push('join'))
  const other = lane.send(node, cluster, 60_000).then(() => order.push('cluster'))
  await env.advance(499)
  expect(order).toEqual([])
  await env.advance(1)
  await Promise.all([join, other])
  expect(order).toEqual(['join', 'cluster'])
})

test('a time-out ends the connection with all in flight; the next send has a new one', async () => {
  const { env, broker, lane } = setUp()
  const silence = { kind: 'lose-reply', connection: 'silence' } as const
  broker.faults.add({ apiKey: describeCluster.key, action: silence })
  const lost = expect(lane.send(node, cluster, 1_000)).rejects.toMatchObject({
    reason: 'timeout',
    sent: true,
  })
  const behind = expect(lane.send(node, cluster, 5_000)).rejects.toMatchObject({ sent: true })
  await env.advance(1_000)
  await Promise.all([lost, behind])
  await expect(lane.send(node, cluster, 1_000)).resolves.toBeInstanceOf(Uint8Array)
})

test('a reset, a dropped connection and a closed lane reject what is in flight', async () => {
  const { broker, lane } = setUp()
  broker.faults.add({ action: { kind: 'lose-request', connection: 'reset' } })
  await expect(lane.send(node, cluster, 1_000)).rejects.toMatchObject({ reason: 'closed' })
  const join = lane.send(node, joining(), 60_000)
  lane.drop(node)
  await expect(join).rejects.toMatchObject({ reason: 'closed', sent: true })
  await lane.close()
  await expect(lane.send(node, cluster, 1_000)).rejects.toMatchObject({ sent: false })
})

test('an outage rejects what is in flight on every lane; then the broker is there', async () => {
  const { host, wire, lane } = setUp()
  const join = lane.send(node, joining(), 60_000)
  const other = wire.lane('group').send(node, joining(), 60_000)
  host.dropConnections()
  await expect(join).rejects.toMatchObject({ reason: 'closed', sent: true })
  await expect(other).rejects.toMatchObject({ reason: 'closed', sent: true })
  await expect(lane.send(node, cluster, 1_000)).resolves.toBeInstanceOf(Uint8Array)
})
