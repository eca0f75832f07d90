/** Whatever comes in by HTTP gets an answer with a code, or a closed connection; never a crash. */
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { int64, monotonous, string, topology, tumbling } from '../../../src/index.ts'
import { OpsApi } from '../../../src/ops/api.ts'
import { openHttpPort } from '../../../src/ops/http-port.ts'
import type { StoreSource } from '../../../src/ops/query-api.ts'
import { StreamError } from '../../../src/model/errors.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import type { StoreQuestion } from '../../../src/state/store-read.ts'
import { createTask } from '../../../src/task/create-task.ts'
import { MemoryOutput } from '../../../src/testing/driver/memory-output.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { quietEnv } from '../../quiet-env.ts'
import { batchOf } from '../../../src/testing/driver/record-log.ts'

const plan = planTopology(
  topology('fuzzed', (t) => {
    const words = t
      .stream('words', { key: string, value: int64, watermark: monotonous() })
      .groupByKey()
    words.count('counts').to('counted')
    words.windowedBy(tumbling('1s'), { grace: '1h' }).count('windows').to('windowed')
  }),
)

/** What a worker would answer with, over a task that has a few entries. */
function source(): StoreSource {
  const [subTopology] = plan.subTopologies
  if (subTopology === undefined) throw new Error('the plan is empty')
  const output = new MemoryOutput(() => 1)
  const task = createTask({ plan, subTopology, partition: 0, output })
  const [input] = task.inputs
  if (input === undefined) throw new Error('the task reads nothing')
  const position = { ...input, offset: 0, leaderEpoch: 0, metadata: '' }
  task.restoreNeeds([position])
  task.start([position], 0)
  const bytes = ['mill', 'race', 'mill'].map((word, offset) => ({
    partition: 0,
    offset,
    timestamp: 1_000 * offset,
    key: string.serialize(word),
    value: int64.serialize(1),
    headers: [],
  }))
  task.offer(input, [batchOf(bytes, 0)], bytes.length, 0)
  task.process(10, 0)
  const ask = async ({ store, read, isolation }: StoreQuestion) => {
    const rows = task.store(store).read(read, isolation)
    return { parts: [{ partition: 0, role: 'active' as const, rows }], silent: [] }
  }
  const specOf = (name: string) => {
    const spec = subTopology.stores.find((store) => store.name === name)
    if (spec !== undefined) return spec
    const about = { domain: 'user', recovery: 'fatal' } as const
    throw new StreamError('UNKNOWN_STORE', `there is no store ${name}`, about)
  }
  return { specOf, ask, route: ask }
}

function apiOf(stores: StoreSource): OpsApi {
  const api = new OpsApi(new VirtualEnv().timers)
  const workers = async () => []
  const metrics = async () => '# text\n'
  api.serve({ application: 'fuzzed', state: 'running', workers, metrics, stores })
  return api
}

const word = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('mill', '"mill"', '5', '-1', '1e400', '9007199254740993', 'NaN', '[]', 'null'),
)
const path = fc.oneof(
  fc.array(word, { maxLength: 5 }),
  fc.tuple(
    fc.constant('api'),
    fc.constant('stores'),
    fc.constantFrom('counts', 'windows', 'none'),
    fc.constantFrom('query', 'ask', 'else'),
  ),
  fc.constantFrom('counts', 'windows').map((store) => ['api', 'stores', store]),
)
const names = ['key', 'from', 'to', 'prefix', 'limit', 'partition', 'isolation', 'reverse'] as const
const query = fc.array(fc.tuple(fc.constantFrom(...names, 'maxStaleness'), word), { maxLength: 4 })
const nearly = fc.record(
  {
    read: fc.record(
      {
        kind: fc.constantFrom('get', 'range', 'windows', 'else'),
        key: fc.oneof(fc.base64String(), word),
        from: fc.oneof(fc.base64String(), word),
        to: fc.base64String(),
        fromMs: fc.oneof(fc.double(), fc.integer()),
        toMs: fc.oneof(fc.double(), fc.maxSafeInteger()),
        reverse: fc.boolean(),
        limit: fc.oneof(fc.maxSafeInteger(), fc.double()),
      },
      { requiredKeys: ['kind'] },
    ),
    isolation: fc.constantFrom('committed', 'latest', 'else'),
    partitions: fc.array(fc.integer()),
    staleMs: fc.double(),
  },
  { requiredKeys: ['read', 'isolation'] },
)
const body = fc.oneof(
  nearly.map((one) => JSON.stringify(one)),
  fc.json(),
  fc.string(),
)
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS')

test('every request is answered as JSON, with a status that says whose fault it is', async () => {
  const api = apiOf(source())
  const request = fc.record({
    method,
    path,
    query: query.map((pairs) => new URLSearchParams(pairs)),
    body,
  })
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const reply = await api.respond(one)
      expect([200, 400, 404, 405]).toContain(reply.status)
      if (reply.type !== 'application/json') return
      const answer: unknown = JSON.parse(reply.body)
      if (reply.status === 200) return
      expect(answer).toMatchObject({ error: { code: expect.stringMatching(/^[A-Z_]+$/) } })
    }),
    { numRuns: 2_000 },
  )
})

test('bytes that are no HTTP cost their connection and nothing else', async () => {
  const host = '127.0.0.1'
  const port = await openHttpPort({ host, port: 0 }, apiOf(source()).respond, quietEnv.logger)
  const line = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc
      .tuple(method, fc.webPath(), fc.constantFrom('%', '%ff', '//', '?key=%zz', ' '), word)
      .map(([verb, at, end, header]) =>
        Buffer.from(`${verb} ${at}${end} HTTP/1.1\r\nHost: x\r\nX: ${header}\r\n\r\n`),
      ),
  )
  try {
    await fc.assert(
      fc.asyncProperty(line, async (bytes) => {
        await sent(port.port, bytes)
        const health = await fetch(`http://${host}:${port.port}/health`)
        expect(health.status).toBe(200)
      }),
      { numRuns: 100 },
    )
  } finally {
    await port.close()
  }
})

/** Sends bytes and the end of the stream; resolves when the other side has closed. */
function sent(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
    socket.resume()
  })
}
