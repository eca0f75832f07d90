import { expect, test } from '@jest/globals'
import { describeEachBroker } from './brokers.ts'

describeEachBroker('administration', (broker) => {
  test('a topic is created once, described, configured as asked, and deleted', async () => {
    const { admin } = await broker().connect()
    const name = broker().unique('topic')
    const configs = { 'cleanup.policy': 'compact' }
    const topic = { name, partitions: 3, replicationFactor: -1, configs }
    await admin.createTopics([topic])
    await admin.createTopics([topic])
    const described = await admin.describeTopics([name, 'absent'])
    expect([...described.keys()]).toEqual([name])
    expect(described.get(name)).toMatchObject({ name, partitions: 3 })
    expect(await admin.topicNames()).toContain(name)
    expect((await admin.topicConfigs(name)).get('cleanup.policy')).toBe('compact')
    await admin.deleteTopics([name, 'absent'])
    expect((await admin.describeTopics([name])).size).toBe(0)
    expect(await admin.topicNames()).not.toContain(name)
  })

  test('a topic that cannot be created is an error that names it', async () => {
    const { admin } = await broker().connect()
    const topic = { name: 'no good', partitions: 1, replicationFactor: -1, configs: {} }
    await expect(admin.createTopics([topic])).rejects.toThrow(/INVALID_TOPIC_EXCEPTION.*no good/)
    const name = broker().unique('topic')
    const unknown = { ...topic, name, configs: { 'cleanup.policy': 'never' } }
    await expect(admin.createTopics([unknown])).rejects.toThrow(/INVALID_CONFIG/)
  })

  test('the configuration of a missing topic is an error at once', async () => {
    const { admin } = await broker().connect()
    await expect(admin.topicConfigs('absent')).rejects.toMatchObject({
      code: 'KAFKA_UNKNOWN_TOPIC_OR_PARTITION',
      where: { topic: 'absent' },
    })
  })

  test('offsets of an empty partition are 0 from both ends', async () => {
    const { admin } = await broker().connect()
    const topic = await broker().topic(2)
    const both = [0, 1].map((partition) => ({ topic, partition }))
    for (const at of ['earliest', 'latest'] as const) {
      const offsets = await admin.listOffsets(both, at, 'read_committed')
      expect(offsets).toEqual(new Map(both.map(({ partition }) => [`${topic}-${partition}`, 0])))
    }
  })

  test('a group that has committed nothing has no positions', async () => {
    const { admin } = await broker().connect()
    const topic = await broker().topic()
    const group = broker().unique('group')
    expect((await admin.committedOffsets(group, [{ topic, partition: 0 }])).size).toBe(0)
  })

  test('transactional ids without a transaction can be fenced, and none is open', async () => {
    const { admin } = await broker().connect()
    const prefix = broker().unique('producer')
    await admin.fenceProducers([`${prefix}-1`, `${prefix}-2`], prefix)
    expect(await admin.openTransactions(prefix)).toEqual([])
  })
})
