/** The HTTP port of a running application: off by default, answers for all threads. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '../../cluster/eventually.ts'
import { start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const kafka = new EmbeddedKafka()
const directory = mkdtempSync(join(tmpdir(), 'millrace-http-'))
const file = join(directory, 'topology.ts')
const source = `import { string, topology } from 'millrace'
export default topology('http', (t) => {
  t.stream('in', { value: string }).groupBy('by', (word) => word, { key: string }).count('counts')
})
`

beforeAll(async () => {
  await kafka.start()
  kafka.createTopic('in', { partitions: 2 })
  writeFileSync(file, source)
})
afterAll(async () => {
  await kafka.stop()
  rmSync(directory, { recursive: true, force: true })
})

const counts = topology('http', (t) => {
  t.stream('in', { value: string })
    .groupBy('by', (word) => word, { key: string })
    .count('counts')
})

test('no port is open by default; a taken one ends the start before it joins', async () => {
  const brokers = kafka.brokers
  const options = { brokers, logLevel: 'silent' } as const
  const plain = await start(counts, { ...options, stateDir: join(directory, 'a') })
  expect(plain.port).toBeUndefined()
  await plain.stop()
  const first = await start(counts, { ...options, stateDir: join(directory, 'b'), port: 0 })
  const second = start(counts, { ...options, stateDir: join(directory, 'c'), port: first.port })
  await expect(second).rejects.toMatchObject({ code: 'HTTP_PORT_TAKEN' })
  await first.stop()
})

test('one port answers for all threads of a process', async () => {
  const app = await start(counts, {
    brokers: kafka.brokers,
    logLevel: 'silent',
    stateDir: join(directory, 'd'),
    threads: 2,
    module: pathToFileURL(file).href,
    port: 0,
  })
  const base = `http://127.0.0.1:${app.port}`
  try {
    await eventually(async () => {
      expect((await fetch(`${base}/ready`)).status).toBe(200)
      const tasks = (await (await fetch(`${base}/api/tasks`)).json()) as readonly {
        worker: number
      }[]
      expect(tasks.map(({ worker }) => worker)).toEqual([0, 0, 1, 1])
    })
    const metrics = await (await fetch(`${base}/metrics`)).text()
    expect(metrics.match(/^# TYPE millrace_epochs_total /gm)).toHaveLength(1)
    expect(metrics).toMatch(/^millrace_epochs_total\{worker="0"\}/m)
    expect(metrics).toMatch(/^millrace_epochs_total\{worker="1"\}/m)
    await app.scale(3)
    await eventually(async () => {
      const owners = (await app.workers()).map(({ tasks }) => tasks.length)
      expect(owners.toSorted((a, b) => a - b)).toEqual([1, 1, 2])
    })
    await app.scale(1)
    await eventually(async () => expect((await app.tasks()).length).toBe(4))
    expect((await app.workers()).map(({ worker }) => worker)).toEqual([0])
    await expect(app.scale(0)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  } finally {
    await app.stop()
  }
  await expect(fetch(`${base}/health`)).rejects.toThrow()
  await expect(app.scale(2)).rejects.toMatchObject({ code: 'APP_NOT_RUNNING' })
})
