/** `millrace state` and `millrace reset` on an application that has run: it begins anew. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { type App, start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'
import { type Ended, millrace } from '../support/command.ts'

jest.setTimeout(60_000)

const kafka = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-reset-'))
const file = join(directory, 'topology.ts')
const stateDir = join(directory, 'state')
const counted = topology('again', (t) => {
  t.stream('words', { value: string })
    .groupBy('by', (word) => word, { key: string })
    .count('counts')
})

beforeAll(async () => {
  await kafka.start()
  kafka.createTopic('words', { partitions: 2 })
  writeFileSync(
    file,
    `import { string, topology } from 'millrace'
export default topology('again', (t) => {
  const words = t.stream('words', { value: string })
  words.groupBy('by', (word) => word, { key: string }).count('counts')
})
`,
  )
  const client = new kafkajs.Kafka({
    brokers: [...kafka.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const producer = client.producer()
  await producer.connect()
  const messages = ['to', 'be', 'to'].map((value, i) => ({ value, partition: i % 2 }))
  await producer.send({ topic: 'words', messages })
  await producer.disconnect()
})
afterAll(async () => {
  await kafka.stop()
  rmSync(directory, { recursive: true, force: true })
})

function run(): Promise<App> {
  return start(counted, { brokers: kafka.brokers, logLevel: 'silent', stateDir })
}

function command(name: string, ...flags: readonly string[]): Promise<Ended> {
  const place = ['--brokers', kafka.brokers.join(','), '--log-level', 'silent']
  return millrace([name, file, ...place, '--state-dir', stateDir, ...flags])
}

async function expectCounts(app: App): Promise<void> {
  await eventually(async () => {
    expect(await app.store('counts').get('to')).toBe(2)
    expect(await app.store('counts').get('be')).toBe(1)
    expect(await app.lag()).toBe(0)
  })
}

test('after a reset to the beginning all is counted again, once', async () => {
  const first = await run()
  await expectCounts(first)
  const busy = await command('reset', '--state-dir', join(directory, 'other'))
  expect(busy).toMatchObject({ code: 2, stderr: expect.stringContaining('GROUP_IN_USE') })
  await first.stop()

  const listed = await command('state')
  expect(listed.code).toBe(0)
  expect(listed.stdout).toMatch(/worker-0 +1_[01] +counts +\d+ +\d+ +\d+ +0$/m)
  const dumped = await command('state', '--store', 'counts', '--prefix', 't')
  expect(JSON.parse(dumped.stdout)).toMatchObject({ key: 'to', value: 2 })

  const dry = await command('reset', '--dry-run')
  expect(dry.stdout).toContain('position words-0: 2 → 0')
  expect(dry.stdout).toContain('delete topic again-counts-changelog')
  expect((await command('state', '--offline')).stdout).toContain('counts')

  const done = await command('reset')
  expect(done).toMatchObject({ code: 0, stderr: '' })
  expect((await command('state', '--offline')).stdout).not.toContain('counts')
  const second = await run()
  await expectCounts(second)
  await second.stop()

  const last = await command('reset', '--to', 'latest')
  expect(last.stdout).toContain('position words-0: 2 → 2')
  const third = await run()
  await eventually(async () => expect((await third.tasks()).length).toBe(4))
  await eventually(async () => {
    expect(await third.store('counts').get('to')).toBeUndefined()
    expect(await third.lag()).toBe(0)
  })
  await third.stop()
})
