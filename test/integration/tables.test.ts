/**
 * Tables over topics with different numbers of partitions, in two processes: foreign keys, groups
 * by other keys, and global tables, through a restart on kept state.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs, { type Producer } from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { type App, int32, json, start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const kafka = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-tables-'))
const apps = new Map<string, App>()
let producer: Producer

interface Comment {
  readonly article: string
  readonly by: number
}
const names = Array.from({ length: 8 }, (_, at) => `name-${at}`)
const titles = Array.from({ length: 20 }, (_, at) => `title-${at}`)
const comments = Array.from({ length: 60 }, (_, at) => ({ article: `${at % 25}`, by: at % 10 }))

const application = topology('tables', (t) => {
  const people = t.globalTable('people', { key: int32, value: string })
  const articles = t.table('articles', { value: string })
  const left = t.table('comments', { value: json<Comment>() })
  left.leftJoin('titled', articles, {
    foreignKey: ({ article }) => article,
    joiner: ({ by }, title) => `${by}: ${title ?? '-'}`,
    value: string,
  })
  left.groupBy('by-article', ({ article, by }) => [article, by], { value: int32 }).count('counts')
  left
    .toStream()
    .filter((comment) => comment !== null)
    .join('signed', people, {
      on: ({ by }) => by,
      joiner: ({ article }, name) => `${article} ${name}`,
    })
    .toTable('signed-comments', { value: string })
})

async function run(name: string): Promise<App> {
  const app = await start(application, {
    brokers: kafka.brokers,
    logLevel: 'silent',
    stateDir: join(directory, name),
    port: 0,
    stateFlushInterval: '100ms',
  })
  apps.set(name, app)
  return app
}

async function send(topic: string, rows: readonly (readonly [Uint8Array | string, unknown])[]) {
  const messages = rows.map(([key, value]) => ({
    key: Buffer.from(key),
    value: value === null ? null : typeof value === 'string' ? value : JSON.stringify(value),
  }))
  await producer.send({ topic, messages })
}

async function all(store: string): Promise<ReadonlyMap<unknown, unknown>> {
  return new Map(await apps.get('one')?.query(store).all())
}

const expectedOf = (of: readonly Comment[], title: (key: string) => string | undefined) => {
  const counts = new Map<string, number>()
  for (const { article } of of) counts.set(article, (counts.get(article) ?? 0) + 1)
  return {
    titled: new Map(of.map(({ article, by }, at) => [`c${at}`, `${by}: ${title(article) ?? '-'}`])),
    counts,
  }
}

beforeAll(async () => {
  await kafka.start()
  kafka.createTopic('people', { partitions: 2 })
  kafka.createTopic('articles', { partitions: 3 })
  kafka.createTopic('comments', { partitions: 5 })
  producer = new kafkajs.Kafka({
    brokers: [...kafka.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  }).producer()
  await producer.connect()
  await send(
    'people',
    names.map((name, at) => [int32.serialize(at), name]),
  )
  await send(
    'articles',
    titles.map((title, at) => [`${at}`, title]),
  )
  await send(
    'comments',
    comments.map((comment, at) => [`c${at}`, comment]),
  )
}, 60_000)
afterAll(async () => {
  for (const app of apps.values()) await app.stop()
  await producer.disconnect()
  await kafka.stop()
  rmSync(directory, { recursive: true, force: true })
})

test('every row is what both tables say, wherever their partitions are', async () => {
  await run('one')
  await run('two')
  const { titled, counts } = expectedOf(comments, (key) => titles[Number(key)])
  await eventually(async () => {
    expect(await all('titled')).toEqual(titled)
    expect(await all('counts')).toEqual(counts)
  }, 30_000)
  const signed = comments.flatMap(({ article, by }, at) =>
    by < names.length ? [[`c${at}`, `${article} ${names[by]}`] as const] : [],
  )
  await eventually(async () => {
    expect(await all('signed-comments')).toEqual(new Map(signed))
  }, 30_000)
  expect(await all('people')).toEqual(new Map(names.map((name, at) => [at, name])))
}, 90_000)

test('a restart goes on from the files, global tables too', async () => {
  await apps.get('two')?.stop()
  apps.delete('two')
  await apps.get('one')?.stop({ restart: true })
  const note = join(directory, 'one', 'tables', 'worker-0', 'global', 'people.changelog')
  expect(readFileSync(note, 'utf8')).toMatch(/:\d+,\d+$/)
  await send('people', [[int32.serialize(0), 'renamed']])
  await send('articles', [
    ['1', null],
    ['21', 'new'],
  ])
  await send('comments', [['c0', { article: '1', by: 0 }]])
  await run('one')
  const moved = comments.map((comment, at) => (at === 0 ? { article: '1', by: 0 } : comment))
  const { titled, counts } = expectedOf(moved, (key) =>
    key === '1' ? undefined : key === '21' ? 'new' : titles[Number(key)],
  )
  await eventually(async () => {
    expect(await all('titled')).toEqual(titled)
    expect(await all('counts')).toEqual(counts)
  }, 30_000)
  // The worker has read the global table to its end before it joined anything.
  expect((await all('signed-comments')).get('c0')).toBe('1 renamed')
  expect(await apps.get('one')?.query('people').get(0)).toBe('renamed')
}, 90_000)
