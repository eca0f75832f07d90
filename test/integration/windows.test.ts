/**
 * A stream–table join and windows behind a repartition, on a broker, by workers that come and go:
 * each window is told once, with every record, though one partition is read long before the others.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { murmur2, partitionOfHash } from '../../src/model/murmur2.ts'
import { json, monotonous, start, string, topology, tumbling, windowed } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const external = process.env['MILLRACE_TEST_BROKERS']?.split(',')
const embedded = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-windows-'))

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

const partitions = 3
const users = 20
const regions = ['north', 'south', 'east']
const windowMs = 10_000
const begin = 1_760_000_000_000

const regionOf = (user: number) => regions[user % regions.length] ?? ''

interface Click {
  readonly user: number
  readonly timestamp: number
}

const clicks: readonly Click[] = Array.from({ length: 1_200 }, (_, index) => ({
  user: (index * 7) % users,
  timestamp: begin + index * 113,
}))

function partitionOf(user: number): number {
  const key = new TextEncoder().encode(`u${user}`)
  return partitionOfHash(murmur2(key, 0, key.length), partitions)
}

test.each(targets)(
  'on $name, each window of a rekeyed stream is told once and complete',
  async ({ name, brokers }) => {
    const kafka = new kafkajs.Kafka({ brokers: [...brokers()], logLevel: kafkajs.logLevel.NOTHING })
    const application = `windows-${Date.now().toString(36)}`
    const [views, profiles, output] = ['clicks', 'profiles', 'out'].map(
      (each) => `${application}-${each}`,
    ) as [string, string, string]
    const made = topology(application, (t) => {
      const table = t.table(profiles, { value: json<{ region: string }>(), name: 'profiles' })
      t.stream(views, { value: string, watermark: monotonous() })
        .join('with-region', table, (_, { region }) => region)
        .groupBy('by-region', (region) => region, { key: string })
        .windowedBy(tumbling(windowMs), { emit: 'final' })
        .count('clicks-by-region')
        .to(output)
    })
    const [admin, producer] = [kafka.admin(), kafka.producer()]
    await Promise.all([admin.connect(), producer.connect()])
    const topics = [views, profiles, output].map((topic) => ({ topic, numPartitions: partitions }))
    await admin.createTopics({ topics })

    // Both topics by kafkajs' default partitioner, so that the rows of a user are with its clicks;
    // a stale row first.
    const rows = [...Array(users).keys()].flatMap((user) => [
      { key: `u${user}`, value: '{"region":"stale"}', timestamp: String(begin - 2) },
      {
        key: `u${user}`,
        value: JSON.stringify({ region: regionOf(user) }),
        timestamp: String(begin - 1),
      },
    ])
    await producer.send({ topic: profiles, messages: rows })
    const send = (some: readonly Click[]) =>
      producer.send({
        topic: views,
        messages: some.map(({ user, timestamp }) => ({
          key: `u${user}`,
          value: 'x',
          timestamp: String(timestamp),
        })),
      })
    // One partition as a whole, before the first record of the others' second half.
    const ahead = clicks.filter(({ user }) => partitionOf(user) === 0)
    const others = clicks
      .filter(({ user }) => partitionOf(user) !== 0)
      .toSorted((a, b) => a.timestamp - b.timestamp)
    const half = Math.floor(others.length / 2)
    const running = (worker: string) =>
      start(made, {
        brokers: brokers(),
        stateDir: join(directory, name.replaceAll(' ', '-'), worker),
        commitInterval: '20ms',
        repartitionPurgeInterval: '100ms',
        logLevel: 'silent',
      })

    const told: string[] = []
    const consumer = kafka.consumer({ groupId: `${application}-reader` })
    const serde = windowed(string, windowMs)
    await consumer.connect()
    await consumer.subscribe({ topic: output, fromBeginning: true })
    await consumer.run({
      eachMessage: ({ message }) => {
        const { key, start: from } = serde.deserialize(message.key ?? new Uint8Array(0))
        told.push(`${key}@${from} ${message.value?.readBigInt64BE()}`)
        return Promise.resolve()
      },
    })

    await send(ahead.toSorted((a, b) => a.timestamp - b.timestamp))
    await send(others.slice(0, half))
    const [first, second] = await Promise.all([running('one'), running('two')])
    await eventually(() => expect(told.length).toBeGreaterThan(5))
    await first.stop()
    await send(others.slice(half))
    const third = await running('one')
    // A record of an unknown user far ahead closes what is open.
    await producer.send({
      topic: views,
      messages: Array.from({ length: partitions }, (_, partition) => ({
        partition,
        key: 'nobody',
        value: 'x',
        timestamp: String(begin + 10_000_000),
      })),
    })

    const counts = new Map<string, number>()
    for (const { user, timestamp } of clicks) {
      const window = `${regionOf(user)}@${Math.floor(timestamp / windowMs) * windowMs}`
      counts.set(window, (counts.get(window) ?? 0) + 1)
    }
    const expected = Array.from(counts, ([window, count]) => `${window} ${count}`).toSorted()
    await eventually(() => expect(told.length).toBeGreaterThanOrEqual(expected.length))
    await Promise.all([second.stop(), third.stop()])
    expect(told.toSorted()).toEqual(expected)
    await Promise.all([consumer.disconnect(), admin.disconnect(), producer.disconnect()])
  },
  90_000,
)
