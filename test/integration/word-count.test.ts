import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs, { type Kafka } from 'kafkajs'
import { verifyWordCount } from '../../cluster/verify/word-count.ts'
import { type App, start, string, type Topology, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const external = process.env['MILLRACE_TEST_BROKERS']
const embedded = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-word-count-'))

beforeAll(async () => {
  await embedded.start()
})
afterAll(async () => {
  await embedded.stop()
  rmSync(directory, { recursive: true, force: true })
})

const targets = [
  { name: 'the embedded broker', brokers: () => embedded.brokers },
  ...(external === undefined
    ? []
    : [{ name: 'Apache Kafka', brokers: () => external.split(',') as readonly string[] }]),
]

const words = 'a stream of words turns the wheel and the wheel turns a stream of counts'.split(' ')

function wordCount(application: string, input: string, output: string): Topology {
  return topology(application, (t) => {
    t.stream(input, { value: string })
      .flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
      .groupBy('by-word', (word) => word, { key: string })
      .count('counts')
      .to(output)
  })
}

async function produce(kafka: Kafka, topic: string, from: number, lines: number): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: lines }, (_, i) => {
    const at = (j: number) => words[((from + i) * 7 + j * j) % words.length] ?? ''
    return { value: Array.from({ length: 8 }, (_, j) => at(j)).join(' '), partition: i % 4 }
  })
  await producer.send({ topic, messages })
  await producer.disconnect()
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it takes too long until ${what}`)
    await sleep(20)
  }
}

const records = async (app: App) =>
  (await app.workers()).reduce((sum, worker) => sum + worker.records, 0)
const running = async (app: App) =>
  (await app.tasks()).filter((task) => task.phase === 'running').length

test.each(targets)(
  'on $name, two workers that come, stop and come back count every word exactly once',
  async ({ brokers }) => {
    const application = `word-count-${Date.now().toString(36)}`
    const [input, output] = [`${application}-lines`, `${application}-counts`]
    const kafka = new kafkajs.Kafka({
      brokers: [...brokers()],
      logLevel: kafkajs.logLevel.NOTHING,
    })
    const admin = kafka.admin()
    await admin.connect()
    const topics = [input, output].map((topic) => ({ topic, numPartitions: 4 }))
    await admin.createTopics({ topics })
    const worker = (name: string) =>
      start(wordCount(application, input, output), {
        brokers: brokers(),
        stateDir: join(directory, name),
        commitInterval: '20ms',
        logLevel: 'error',
      })
    await produce(kafka, input, 0, 2000)

    const first = await worker('one')
    await until('the first worker works', async () => (await records(first)) > 1000)
    const second = await worker('two')
    await until('the second worker has half', async () => (await running(second)) === 4)
    await produce(kafka, input, 2000, 2000)
    await until('the second worker works', async () => (await records(second)) > 100)
    await first.stop()
    await produce(kafka, input, 4000, 2000)
    await until('the second worker has all', async () => (await running(second)) === 8)
    const again = await worker('one')
    await until('the first worker is back', async () => (await running(again)) === 4)
    // Each line once and each word once: by the workers' own count, which a lag of 0 is not. It is
    // what the fetchers have seen, and may not know yet what was just written for others to read.
    const apps = [first, second, again]
    const processed = async () =>
      (await Promise.all(apps.map(records))).reduce((sum, count) => sum + count, 0)
    await until('all is processed', async () => (await processed()) >= 6000 + 48_000)
    await Promise.all([again.stop(), second.stop()])
    await admin.disconnect()

    const subject = { brokers: brokers().join(','), input, output, application }
    const verdict = await verifyWordCount(subject)
    expect(verdict.problems).toEqual([])
    expect(verdict.compared).toMatchObject({ inputRecords: 6000, words: 48_000 })
  },
  120_000,
)
