/** What becomes of an application whose worker fails, as the option `workerFailure` says. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { type App, start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const embedded = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-failures-'))
const messages = Array.from({ length: 50 }, (_, at) => ({ key: `${at}`, value: `${at}` }))

beforeAll(async () => {
  await embedded.start()
})
afterAll(async () => {
  await embedded.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Lines counted together, and line 30 refused so many times. */
function counting(name: string, refusals: number) {
  const seen = { refused: 0 }
  const made = topology(name, (t) => {
    t.stream(`${name}-lines`, { value: string })
      .peek((line) => {
        if (line !== '30' || seen.refused === refusals) return
        seen.refused += 1
        throw new Error('no luck')
      })
      .groupBy('together', () => 'all', { key: string })
      .count('counted')
  })
  return { made, seen }
}

async function withLines(name: string, run: (send: () => Promise<unknown>) => Promise<void>) {
  const kafka = new kafkajs.Kafka({
    brokers: [...embedded.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const [admin, producer] = [kafka.admin(), kafka.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  const topic = `${name}-lines`
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] })
    await run(() => producer.send({ topic, messages }))
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()])
  }
}

const options = (worker: string) => ({
  brokers: [...embedded.brokers],
  stateDir: join(directory, worker),
  commitInterval: 20,
  heartbeatInterval: 200,
  logLevel: 'silent' as const,
})

test('a worker that fails once is replaced, and every record is counted once', async () => {
  await withLines('replaced', async (send) => {
    const { made, seen } = counting('replaced', 1)
    const app = await start(made, { ...options('replaced'), workerFailure: 'replace' })
    try {
      await send()
      await eventually(async () => expect(await app.store('counted').get('all')).toBe(50))
      expect(seen.refused).toBe(1)
      expect(app.state).toBe('running')
      expect(await app.metrics()).toContain('millrace_workers_replaced_total{worker="0"} 1')
    } finally {
      await app.stop()
    }
  })
})

test('a worker that fails stops the whole application, each process with an error', async () => {
  await withLines('stopped', async (send) => {
    const { made } = counting('stopped', 1)
    const running = (worker: string) =>
      start(made, { ...options(worker), workerFailure: 'stop-application' })
    const apps = await Promise.all([running('one'), running('two'), running('three')])
    const owns = async (app: App) => (await app.tasks()).length > 0
    await eventually(async () =>
      expect(await Promise.all(apps.map(owns))).toEqual([true, true, true]),
    )
    await send()
    const ends = await Promise.allSettled(apps.map(({ done }) => done))
    const codes = ends.map((end) => (end.status === 'rejected' ? String(end.reason.code) : ''))
    expect(codes.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'APPLICATION_STOPPED',
      'APPLICATION_STOPPED',
      'USER_FUNCTION_FAILED',
    ])
  })
})
