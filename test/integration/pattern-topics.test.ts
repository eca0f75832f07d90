/** A source that reads by a pattern: topics that come while workers run are read by all of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

test('topics that come later are read from their beginning, by every worker', async () => {
  const embedded = await new EmbeddedKafka().start()
  const directory = mkdtempSync(join(tmpdir(), 'millrace-patterns-'))
  const brokers = [...embedded.brokers]
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  const made = topology('patterns', (t) => {
    t.stream(/^orders-/, { value: string })
      .groupByKey()
      .count('orders')
  })
  const running = (worker: string) =>
    start(made, {
      brokers,
      stateDir: join(directory, worker),
      commitInterval: '20ms',
      heartbeatInterval: '200ms',
      topicDiscovery: '200ms',
      logLevel: 'silent',
    })
  const messages = Array.from({ length: 40 }, (_, at) => ({ key: `k${at % 8}`, value: 'x' }))
  const send = async (topic: string) => {
    embedded.createTopic(topic, { partitions: 4 })
    await producer.send({ topic, messages })
  }
  await send('orders-one')
  const apps = await Promise.all([running('a'), running('b')])
  const counted = async () => {
    const entries = await Promise.all(apps.map((app) => app.store('orders').all()))
    return entries.flat().reduce((sum, [, count]) => sum + Number(count), 0)
  }
  try {
    await eventually(async () => expect(await counted()).toBe(40))
    await send('orders-two')
    await eventually(async () => expect(await counted()).toBe(80))
    await send('others')
    await producer.send({ topic: 'orders-one', messages })
    await eventually(async () => expect(await counted()).toBe(120))
    const tasks = await Promise.all(apps.map((app) => app.tasks()))
    expect(tasks.map(({ length }) => length)).toEqual([2, 2])
  } finally {
    await Promise.all(apps.map((app) => app.stop()))
    await producer.disconnect()
    await embedded.stop()
    rmSync(directory, { recursive: true, force: true })
  }
})
