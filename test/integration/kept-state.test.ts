/** A process that is killed finds its stores again and reads only what they do not have. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { projectRoot } from '../../cluster/root.ts'
import { verifyWordCount } from '../../cluster/verify/word-count.ts'
import { WorkerProcess } from '../../cluster/worker-process.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const external = process.env['MILLRACE_TEST_BROKERS']
const embedded = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-kept-state-'))
let worker: WorkerProcess | undefined

beforeAll(async () => {
  await embedded.start()
})
afterEach(async () => {
  await worker?.kill()
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

const partitions = 2
const distinct = 2000
const wordOf = (n: number) => {
  const letter = (digit: number) => String.fromCodePoint(97 + digit)
  return [n % 10, Math.floor(n / 10) % 10, Math.floor(n / 100) % 10, Math.floor(n / 1000)]
    .map(letter)
    .join('')
}

async function produce(kafka: Kafka, topic: string, lines: number): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: lines }, (_, line) => {
    const words = Array.from({ length: 10 }, (_none, at) => wordOf((line * 10 + at) % distinct))
    return { value: words.join(' '), partition: line % partitions }
  })
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** Records behind the stores' offsets that the last start told of. */
function restoredBy({ lastWords }: WorkerProcess): number {
  const told = lastWords.flatMap((line) => {
    const found = /"restored":(\d+).*tasks are running/.exec(line)
    return found === null ? [] : [Number(found[1])]
  })
  expect(told).not.toEqual([])
  return told.reduce((sum, records) => sum + records, 0)
}

async function endsOf(admin: Admin, topic: string): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic)
  return ends.reduce((sum, { high }) => sum + Number(high), 0)
}

test.each(targets)(
  'on $name, a killed process reads the tail of its changelogs, of a damaged file all',
  async ({ brokers }) => {
    const application = `kept-${Date.now().toString(36)}`
    const [input, output] = [`${application}-lines`, `${application}-counts`]
    const changelog = `${application}-counts-changelog`
    const kafka = new kafkajs.Kafka({ brokers: [...brokers()], logLevel: kafkajs.logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    const topics = [input, output].map((topic) => ({ topic, numPartitions: partitions }))
    await admin.createTopics({ topics })
    process.env['NAMED_WORD_COUNT'] = application
    const stateDirectory = join(directory, application)
    const process_ = new WorkerProcess({
      name: 'kept',
      topology: join(projectRoot, 'dist/test/support/named-word-count.js'),
      brokers: brokers().join(','),
      stateDirectory,
      flags: ['--state-flush-interval', '200ms', '--commit-interval', '20ms'],
    })
    worker = process_
    const subject = { brokers: brokers().join(','), input, output, application }
    const isCounted = (lines: number) =>
      eventually(async () => {
        const { problems, compared } = await verifyWordCount(subject, 0)
        expect(problems).toEqual([])
        expect(compared.words).toBe(10 * lines)
      }, 30_000)
    const files = () =>
      readdirSync(join(stateDirectory, application, 'worker-0')).flatMap((task) => {
        const file = join(stateDirectory, application, 'worker-0', task, 'counts.mdb')
        return statSync(file, { throwIfNoEntry: false }) === undefined ? [] : [file]
      })
    /** Each store has been flushed after that: it has what had committed before. */
    const isFlushed = (sinceMs: number) =>
      eventually(() => {
        expect(files()).toHaveLength(partitions)
        for (const file of files()) expect(statSync(file).mtimeMs).toBeGreaterThan(sinceMs)
      })

    await process_.start()
    await produce(kafka, input, 1000)
    await isCounted(1000)
    const before = await endsOf(admin, changelog)
    expect(before).toBeGreaterThanOrEqual(distinct)
    const sinceMs = Date.now()
    await produce(kafka, input, 40)
    await isCounted(1040)
    await isFlushed(sinceMs)
    await process_.kill()
    const tail = (await endsOf(admin, changelog)) - before
    await process_.start()
    await produce(kafka, input, 100)
    await isCounted(1140)
    // The markers of the last commits may be behind the first count.
    expect(restoredBy(process_)).toBeLessThanOrEqual(tail + 2 * partitions)

    await process_.kill()
    const [damaged] = files()
    if (damaged !== undefined) writeFileSync(damaged, 'no database')
    await process_.start()
    await produce(kafka, input, 100)
    await isCounted(1240)
    expect(restoredBy(process_)).toBeGreaterThan(distinct / 4)
    expect(await process_.stop()).toMatchObject({ code: 0 })
    await admin.disconnect()
  },
  120_000,
)
