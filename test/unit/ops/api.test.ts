import { expect, test } from '@jest/globals'
import { OpsApi, type OpsSubject } from '../../../src/ops/api.ts'
import type { Reply } from '../../../src/ops/http-port.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { taskView, workerView } from './views.ts'

const nothing = async () => ({ parts: [], silent: [] })
const noStores = {
  specOf: () => {
    throw new Error('not expected')
  },
  ask: nothing,
  route: nothing,
}

function apiOf(change: Partial<OpsSubject> = {}, env = new VirtualEnv()): OpsApi {
  const api = new OpsApi(env.timers)
  api.serve({
    application: 'word-count',
    state: 'running',
    workers: async () => [workerView([taskView(0), taskView(1)])],
    metrics: async () => '# text\n',
    stores: noStores,
    ...change,
  })
  return api
}

function ask(api: OpsApi, path: string, method = 'GET'): Promise<Reply> {
  const parts = path.split('/').filter((part) => part !== '')
  return api.respond({ method, path: parts, query: new URLSearchParams(), body: '' })
}

test('a process that starts is healthy and not ready', async () => {
  const api = new OpsApi(new VirtualEnv().timers)
  expect((await ask(api, '/health')).status).toBe(200)
  expect(await ask(api, '/ready')).toMatchObject({ status: 503 })
  expect(await ask(api, '/metrics')).toMatchObject({ status: 503 })
})

test('ready means that each worker has an assignment and each of its tasks runs', async () => {
  expect((await ask(apiOf(), '/ready')).status).toBe(200)
  const restoring = taskView(1, { phase: 'restoring', restored: 10, restoreTotal: 30 })
  const waiting = await ask(apiOf({ workers: async () => [workerView([restoring])] }), '/ready')
  expect(waiting.status).toBe(503)
  expect(waiting.body).toContain('task 0_1 restores, 20 offsets to go')
  const early = workerView([], { rebalances: 0 })
  const none = await ask(apiOf({ workers: async () => [early] }), '/ready')
  expect(none.body).toContain('worker 0 has no assignment yet')
  expect((await ask(apiOf({ workers: async () => [workerView([])] }), '/ready')).status).toBe(200)
})

test('an application that failed, or a worker that does not answer, is not healthy', async () => {
  expect((await ask(apiOf({ state: 'failed' }), '/health')).status).toBe(503)
  expect((await ask(apiOf({ state: 'stopping' }), '/health')).status).toBe(200)
  const env = new VirtualEnv()
  const api = apiOf({ workers: () => new Promise(() => undefined) }, env)
  expect(await env.run(ask(api, '/health'))).toMatchObject({ status: 503 })
})

test('the pictures are JSON, path by path', async () => {
  const api = apiOf()
  const read = async (path: string): Promise<unknown> => JSON.parse((await ask(api, path)).body)
  expect(await read('/api')).toMatchObject({ application: 'word-count', workers: 1 })
  expect(await read('/api/tasks')).toMatchObject([{ id: '0_0', worker: 0 }, { id: '0_1' }])
  expect(await read('/api/lag')).toMatchObject({ total: 6, inputs: [{ task: '0_0', lag: 3 }, {}] })
  expect(await read('/api/stores')).toMatchObject([{ name: 'counts', entries: 5 }, {}])
  expect(await read('/api/assignment')).toMatchObject([{ generation: 3, tasks: [{}, {}] }])
})

test('other paths, other methods and failures say what is wrong', async () => {
  const api = apiOf({
    metrics: async () => {
      throw new Error('the thread is gone')
    },
  })
  expect(await ask(api, '/apples')).toMatchObject({ status: 404 })
  expect(await ask(api, '/api/pears')).toMatchObject({ status: 404 })
  expect((await ask(api, '/health/deep')).status).toBe(404)
  expect((await ask(api, '/health', 'DELETE')).status).toBe(405)
  const failed = await ask(api, '/metrics')
  expect(failed.status).toBe(503)
  expect(failed.body).toContain('the thread is gone')
})
