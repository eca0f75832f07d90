/**
 * Queries over two processes (in one test process, with ports and stores of their own): local
 * answers, forwarding to the owner, the client, committed state only, errors that say why.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import {
  type App,
  int64,
  monotonous,
  start,
  string,
  topology,
  tumbling,
  windowed,
} from '../../src/index.ts'
import { QueryClient } from '../../src/query/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const kafka = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-queries-'))
const words = ['be', 'not', 'or', 'question', 'that', 'the', 'to', 'tower']
const hour = 3_600_000
const apps: App[] = []

const counted = topology('queries', (t) => {
  const byWord = t
    .stream('words', { value: string, watermark: monotonous() })
    .groupBy('by', (word) => word, { key: string })
  byWord.count('counts')
  byWord.windowedBy(tumbling('1h'), { grace: '1d' }).count('hours')
})

async function run(name: string): Promise<App> {
  const app = await start(counted, {
    brokers: kafka.brokers,
    logLevel: 'silent',
    stateDir: join(directory, name),
    port: 0,
  })
  apps.push(app)
  return app
}

beforeAll(async () => {
  await kafka.start()
  kafka.createTopic('words', { partitions: 4 })
  const client = new kafkajs.Kafka({
    brokers: [...kafka.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const producer = client.producer()
  await producer.connect()
  const messages = words.map((value, i) => ({ value, timestamp: String(hour * (1 + (i % 2))) }))
  await producer.send({ topic: 'words', messages: [...messages, ...messages] })
  await producer.disconnect()
  await run('one')
  await run('two')
  await eventually(async () => {
    for (const app of apps) expect((await app.tasks()).length).toBe(4)
    for (const word of words) expect(await apps[0]?.query('counts').get(word)).toBe(2)
  }, 30_000)
}, 60_000)
afterAll(async () => {
  for (const app of apps) await app.stop()
  await kafka.stop()
  rmSync(directory, { recursive: true, force: true })
})

test('each process knows its own parts, and asks the owner for the others', async () => {
  const [one, two] = apps
  let here = 0
  for (const word of words) {
    const owner = await one?.query('counts').owner(word)
    const [mine, theirs] = [
      await one?.store('counts').get(word),
      await two?.store('counts').get(word),
    ]
    expect(owner?.here).toBe(mine === 2)
    expect([mine, theirs].filter((value) => value === 2)).toHaveLength(1)
    expect(await two?.query('counts').get(word)).toBe(2)
    here += Number(owner?.here)
  }
  expect(here).toBeGreaterThan(0)
  expect(here).toBeLessThan(words.length)
  expect(await one?.query('counts').get('nothing')).toBeUndefined()
})

test('the client asks any process, by key, range, prefix and window', async () => {
  const endpoints = ['127.0.0.1:1', ...apps.map(({ port }) => `127.0.0.1:${port}`)]
  const client = new QueryClient({ endpoints })
  const counts = client.store('counts', { key: string, value: int64 })
  expect(await counts.get('question')).toBe(2)
  expect((await counts.all()).map(([word]) => word)).toEqual(words)
  expect((await counts.range('or', 'the')).map(([word]) => word)).toEqual([
    'or',
    'question',
    'that',
  ])
  expect(await counts.prefix('to', { reverse: true })).toEqual([
    ['tower', 2],
    ['to', 2],
  ])
  expect(await counts.range('to', undefined, { limit: 1 })).toEqual([['to', 2]])
  const hours = client.store('hours', { key: windowed(string, '1h'), value: int64 })
  const window = { key: 'be', start: hour, end: 2 * hour }
  expect(await hours.windows('be', { from: 0, to: 5 * hour })).toEqual([[window, 2]])
  expect(await hours.windows('be', { from: hour + 1, to: 5 * hour })).toEqual([])
  expect(await hours.get(window)).toBe(2)
  await expect(counts.windows('be', { from: 0, to: 1 })).rejects.toMatchObject({
    code: 'QUERY_INVALID',
  })
  const wrong = client.store('apples', { key: string, value: int64 }).get('a')
  await expect(wrong).rejects.toMatchObject({ code: 'UNKNOWN_STORE' })
})

test('the same over plain HTTP, for people', async () => {
  const base = `http://127.0.0.1:${apps[1]?.port}/api/stores`
  const read = async (path: string) => {
    const response = await fetch(`${base}${path}`)
    return { status: response.status, body: await response.json() }
  }
  expect(await read('/counts?key=to')).toEqual({ status: 200, body: { key: 'to', value: 2 } })
  expect(await read('/counts?prefix=to&limit=1')).toMatchObject({
    body: { entries: [{ key: 'to', value: 2 }] },
  })
  expect(await read('/hours?key=be&from=0&to=99999999')).toMatchObject({
    body: { entries: [{ key: { key: 'be', start: hour }, value: 2 }] },
  })
  expect(await read('/counts?key=none')).toMatchObject({ status: 404 })
  expect(await read('/apples?key=a')).toMatchObject({
    status: 404,
    body: { error: { code: 'UNKNOWN_STORE' } },
  })
  expect(await read('/counts?key=to&isolation=dirty')).toMatchObject({ status: 400 })
  const bad = await fetch(`${base}/counts/query`, { method: 'POST', body: '{"read":{}}' })
  expect(await bad.json()).toMatchObject({ error: { code: 'QUERY_INVALID' } })
})
