/**
 * The embedded broker used by clients that know nothing of it: librdkafka (kcat), Apache Kafka's
 * Java clients, kafkajs. What is not installed is skipped with the reason in the test's name.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { cacheDirectory } from '../../cluster/jars.ts'
import { kafkaVersion } from '../../cluster/kafka.ts'
import { projectRoot } from '../../cluster/root.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const kafka = new EmbeddedKafka()

beforeAll(async () => {
  await kafka.start()
})

afterAll(() => kafka.stop())

function has(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 90_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command}: ${error.message}\n${stdout}\n${stderr}`))
    })
    child.stdin?.end(input)
  })
}

const jars = process.env['MILLRACE_KAFKA_LIBS'] ?? cachedJars()

function cachedJars(): string {
  return join(cacheDirectory(process.env), `kafka-${kafkaVersion}`)
}

/** A test that needs something of the machine; without it, it is reported as skipped, and why. */
function testWith(missing: string | undefined, name: string, body: () => Promise<void>): void {
  const declare = missing === undefined ? test : test.skip
  declare(missing === undefined ? name : `${name} (${missing})`, body, 120_000)
}

const noKcat = has('kcat', '-V') ? undefined : 'kcat is not installed'
const noJava = has('java', '-version') ? undefined : 'java is not installed'
const noJars = existsSync(jars) ? undefined : `no jars in ${jars}; set MILLRACE_KAFKA_LIBS`

testWith(noKcat, 'kcat writes with compression and idempotence, and reads by group', async () => {
  kafka.createTopic('kcat', { partitions: 2 })
  const brokers = kafka.brokers.join()
  const lines = Array.from({ length: 500 }, (_, i) => `key${i}:line ${i}`)
  const settings = ['-X', 'enable.idempotence=true', '-z', 'lz4']
  const write = ['-b', brokers, '-P', '-t', 'kcat', '-K:', ...settings]
  await run('kcat', write, lines.join('\n'))
  const reset = ['-X', 'auto.offset.reset=earliest']
  const read = ['-b', brokers, '-G', 'kcat-group', ...reset, '-c', '500', '-f', '%k:%s\\n', 'kcat']
  const found = await run('kcat', read)
  expect(found.trim().split('\n').toSorted()).toEqual(lines.toSorted())
  const metadata = await run('kcat', ['-b', brokers, '-L', '-t', 'kcat'])
  expect(metadata).toContain('topic "kcat" with 2 partitions')
})

testWith(
  noJava ?? noJars,
  'Java’s clients work in transactions and groups, with the admin',
  async () => {
    const program = join(projectRoot, 'test', 'integration', 'JavaClients.java')
    const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m']
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
    const java = [...quick, quiet, '-cp', `${jars}/*`, program, kafka.brokers.join()]
    const facts = (await run('java', java)).trim().split('\n')
    expect(
      facts.filter((fact) => !fact.startsWith('topics ') && !fact.startsWith('groups ')),
    ).toEqual([
      'nodes 1',
      'partitions 4',
      'config compact 2000000',
      'grown 3',
      'idempotent last offset 1000',
      'copied 400',
      'zombie fenced',
      'positions 400',
      'open transactions 0',
      'committed 400 distinct 400',
      'aborted seen 0',
      'uncommitted sees more true',
      'members 2 Stable',
      'taken over 4',
      'purged to 500',
      'earliest 500',
    ])
  },
)

test('kafkajs administers, writes in transactions and reads as a group', async () => {
  const client = new kafkajs.Kafka({
    brokers: [...kafka.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'js', numPartitions: 3 }], waitForLeaders: true })
  const producer = client.producer({
    transactionalId: 'js',
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  const values = Array.from({ length: 30 }, (_, i) => `v${i}`)
  for (const [name, commit] of [
    ['aborted', false],
    ['kept', true],
  ] as const) {
    const transaction = await producer.transaction()
    const messages = values.map((value) => ({ key: value, value: `${name} ${value}` }))
    await transaction.send({ topic: 'js', messages })
    if (commit) await transaction.commit()
    else await transaction.abort()
  }
  await producer.disconnect()
  const read = await readAll(client, 'js', values.length)
  expect(read.toSorted()).toEqual(values.map((value) => `kept ${value}`).toSorted())
  const [group] = (await admin.describeGroups(['js-group'])).groups
  expect(group).toMatchObject({ groupId: 'js-group', state: 'Empty' })
  await admin.deleteTopics({ topics: ['js'] })
  await admin.disconnect()
}, 60_000)

async function readAll(
  client: kafkajs.Kafka,
  topic: string,
  count: number,
): Promise<readonly string[]> {
  const consumer = client.consumer({ groupId: `${topic}-group`, readUncommitted: false })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const read: string[] = []
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          read.push(message.value?.toString() ?? '')
          if (read.length === count) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return read
}
