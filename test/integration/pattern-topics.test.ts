/** A source that reads by a pattern: topics that come while workers run are read by all of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const external = process.env['MILLRACE_TEST_BROKERS']?.split(',')
const embedded = new EmbeddedKafka()

beforeAll(async () => {
  await embedded.start()
})
afterAll(async () => {
  await embedded.stop()
})

const targets = [
  { name: 'the embedded broker', brokersOf: () => embedded.brokers },
  ...(external === undefined ? [] : [{ name: 'Apache Kafka', brokersOf: () => external }]),
]

test.each(targets)('on $name, topics that come later are read by every worker', async (target) => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-patterns-'))
  const brokers = [...target.brokersOf()]
  const run = Date.now().toString(36)
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  const made = topology(`patterns-${run}`, (t) => {
    t.stream(new RegExp(`^orders-${run}-`), { value: string })
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
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true })
    await producer.send({ topic, messages })
  }
  await send(`orders-${run}-one`)
  const apps = await Promise.all([running('a'), running('b')])
  const counted = async () => {
    const entries = await Promise.all(apps.map((app) => app.store('orders').all()))
    return entries.flat().reduce((sum, [, count]) => sum + Number(count), 0)
  }
  try {
    await eventually(async () => expect(await counted()).toBe(40))
    await send(`orders-${run}-two`)
    await eventually(async () => expect(await counted()).toBe(80))
    await send(`others-${run}`)
    await producer.send({ topic: `orders-${run}-one`, messages })
    await eventually(async () => expect(await counted()).toBe(120))
    const tasks = await Promise.all(apps.map((app) => app.tasks()))
    expect(tasks.map(({ length }) => length)).toEqual([2, 2])
  } finally {
    await Promise.all(apps.map((app) => app.stop()))
    await Promise.all([admin.disconnect(), producer.disconnect()])
    rmSync(directory, { recursive: true, force: true })
  }
})
