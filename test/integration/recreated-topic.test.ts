/** A topic that is deleted and created again is another one, also where the name is the same. */
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
const directory = mkdtempSync(join(tmpdir(), 'millrace-recreated-topic-'))

beforeAll(async () => {
  await embedded.start()
})
afterAll(async () => {
  await embedded.stop()
  rmSync(directory, { recursive: true, force: true })
})

const targets = [
  { name: 'the embedded broker', brokers: () => embedded.brokers },
  ...(external === undefined ? [] : [{ name: 'Apache Kafka', brokers: () => external }]),
]

test.each(targets)(
  'on $name, a worker refuses a position of a topic that was made again',
  async ({ name, brokers }) => {
    const kafka = new kafkajs.Kafka({ brokers: [...brokers()], logLevel: kafkajs.logLevel.NOTHING })
    const application = `recreated-${Date.now().toString(36)}`
    const topic = `${application}-in`
    const output = `${application}-out`
    const [admin, producer] = [kafka.admin(), kafka.producer()]
    const late = kafka.producer({ transactionalId: `${application}-late`, maxInFlightRequests: 1 })
    await Promise.all([admin.connect(), producer.connect(), late.connect()])
    const create = (...names: readonly string[]) =>
      admin.createTopics({ topics: names.map((one) => ({ topic: one, numPartitions: 1 })) })
    const send = (...values: readonly string[]) =>
      producer.send({ topic, messages: values.map((value) => ({ value })) })
    const committed = async () =>
      (await admin.fetchOffsets({ groupId: application, topics: [topic] }))[0]?.partitions[0]
    const options = {
      brokers: brokers(),
      stateDir: join(directory, name.replaceAll(' ', '-')),
      commitInterval: '20ms',
      logLevel: 'silent',
    } as const
    const made = topology(application, (t) => t.stream(topic, { value: string }).to(output))
    await create(topic, output)
    await send('a', 'b', 'c')

    const running = await start(made, options)
    await eventually(async () => expect((await committed())?.offset).toBe('3'))
    const position = await committed()
    await admin.deleteTopics({ topics: [topic] })
    await create(topic)
    await eventually(() => send('d', 'e', 'f', 'g'))
    await expect(running.done).rejects.toMatchObject({ code: 'TOPIC_RECREATED' })

    // A position that was committed late, by a worker that had not heard of it yet.
    const transaction = await late.transaction()
    const partitions = [{ partition: 0, offset: '3', metadata: position?.metadata ?? '' }]
    const topics = [{ topic, partitions }]
    await transaction.sendOffsets({ consumerGroupId: application, topics })
    await transaction.commit()
    const refused = await start(made, options)
    await expect(refused.done).rejects.toMatchObject({ code: 'TOPIC_RECREATED' })
    await Promise.all([admin.disconnect(), producer.disconnect(), late.disconnect()])
  },
  60_000,
)
