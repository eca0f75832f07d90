import { expect, test } from '@jest/globals'
import {
  findCoordinator,
  metadata as metadataApi,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { scriptedClient, type TopicScript } from './scripted-client.ts'

test('topics are read once, and missing ones are not in the answer', async () => {
  const { wire, metadata } = scriptedClient({ lines: { leaders: [1, 2] } })
  const found = await metadata.topics(['lines', 'absent'])
  expect([...found.keys()]).toEqual(['lines'])
  await metadata.topics(['lines'])
  expect(wire.asked(metadataApi)).toHaveLength(1)
  expect(metadata.leader({ topic: 'lines', partition: 1 })).toEqual({ node: nodeId(2), epoch: 4 })
  expect(metadata.nameOf(found.get('lines')?.topicId ?? '')).toBe('lines')
})

test('brokers that metadata names are told to the wire', async () => {
  const { wire, metadata } = scriptedClient()
  await metadata.refresh()
  expect(wire.learnt.map(({ host }) => host)).toEqual(['broker-1', 'broker-2', 'broker-3'])
  expect(metadata.clusterId).toBe('mill')
})

test('topics are never created by asking for them', async () => {
  const { wire, metadata } = scriptedClient()
  await metadata.topics(['absent'])
  expect(wire.sent[0]?.message).toMatchObject({ allowAutoTopicCreation: false })
})

test('concurrent readers of the same topics share one request', async () => {
  const { wire, metadata } = scriptedClient({ lines: { leaders: [1] } })
  await Promise.all([metadata.topics(['lines']), metadata.topics(['lines']), metadata.refresh()])
  expect(wire.asked(metadataApi)).toHaveLength(1)
})

test('a partition without a leader is asked for until it has one', async () => {
  const topics = { lines: { leaders: [-1] } }
  const { wire, metadata } = scriptedClient(topics)
  const leader = metadata.leaderOf({ topic: 'lines', partition: 0 })
  await metadata.topics(['lines'])
  topics.lines.leaders = [3]
  expect(await leader).toEqual({ node: nodeId(3), epoch: 4 })
  expect(wire.asked(metadataApi).length).toBeGreaterThan(1)
})

test('the leader of a topic that stays missing is an error that names it', async () => {
  const { metadata } = scriptedClient({}, 30)
  await expect(metadata.leaderOf({ topic: 'absent', partition: 0 })).rejects.toMatchObject({
    code: 'KAFKA_UNKNOWN_TOPIC_OR_PARTITION',
    where: { topic: 'absent', partition: 0 },
  })
})

test('a topic that may not be described is an error at once, not a missing topic', async () => {
  const { metadata } = scriptedClient({ secret: { leaders: [], errorCode: 29 } })
  await expect(metadata.topics(['secret'])).rejects.toThrow(/TOPIC_AUTHORIZATION_FAILED.*secret/)
})

test('a topic that may not be described leaves the others readable', async () => {
  const topics: Record<string, TopicScript> = { lines: { leaders: [1] }, secret: { leaders: [2] } }
  const { metadata } = scriptedClient(topics)
  await metadata.topics(['lines', 'secret'])
  topics['lines'] = { leaders: [3] }
  topics['secret'] = { leaders: [], errorCode: 29 }
  await metadata.refresh()
  expect(metadata.leader({ topic: 'lines', partition: 0 })?.node).toBe(3)
  expect(await metadata.leaderOf({ topic: 'lines', partition: 0 })).toMatchObject({ node: 3 })
  const refused = { code: 'KAFKA_TOPIC_AUTHORIZATION_FAILED', where: { topic: 'secret' } }
  await expect(metadata.leaderOf({ topic: 'secret', partition: 0 })).rejects.toMatchObject(refused)
  await expect(metadata.topics(['lines', 'secret'])).rejects.toMatchObject(refused)
  expect(metadata.failure('secret')).toMatchObject(refused)
  topics['secret'] = { leaders: [2] }
  expect(await metadata.leaderOf({ topic: 'secret', partition: 0 })).toMatchObject({ node: 2 })
  expect(metadata.failure('secret')).toBeUndefined()
})

test('a coordinator is found once, and again after it was forgotten', async () => {
  const { wire, coordinators } = scriptedClient()
  let at = 1
  wire.on(findCoordinator, ({ coordinatorKeys }) => ({
    coordinators: coordinatorKeys.map((key) => ({
      key,
      nodeId: at,
      host: '',
      port: 0,
      errorCode: 0,
    })),
  }))
  expect(await coordinators.of('group', 'counts')).toBe(nodeId(1))
  at = 2
  expect(await coordinators.of('group', 'counts')).toBe(nodeId(1))
  coordinators.forget('group', 'counts')
  expect(await coordinators.of('group', 'counts')).toBe(nodeId(2))
  expect(await coordinators.of('transaction', 'counts')).toBe(nodeId(2))
  expect(wire.asked(findCoordinator).map(({ message }) => message)).toMatchObject([
    { keyType: 0, coordinatorKeys: ['counts'] },
    { keyType: 0 },
    { keyType: 1 },
  ])
})

test('an old broker is asked for one coordinator in the old form', async () => {
  const { wire, coordinators } = scriptedClient()
  wire.on(findCoordinator, () => ({ nodeId: 3, host: 'broker-3', port: 9092 }))
  wire.speaks(findCoordinator, { min: 0, max: 3 })
  expect(await coordinators.of('transaction', 'counts-1')).toBe(nodeId(3))
  expect(wire.asked(findCoordinator)[0]?.message).toMatchObject({ key: 'counts-1', keyType: 1 })
})

test('a coordinator that is not available yet is asked for again', async () => {
  const { wire, coordinators } = scriptedClient()
  let errorCode = 15
  wire.on(findCoordinator, ({ coordinatorKeys }) => {
    const told = coordinatorKeys.map((key) => ({ key, nodeId: 2, host: '', port: 0, errorCode }))
    errorCode = 0
    return { coordinators: told }
  })
  expect(await coordinators.of('group', 'counts')).toBe(nodeId(2))
  expect(wire.asked(findCoordinator)).toHaveLength(2)
})
