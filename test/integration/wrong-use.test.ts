/** What somebody new does wrong, through the command line: one clear message, soon, and not 0. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Admin, Kafka } from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { type LeashedProcess, leash } from '../../cluster/leash.ts'
import { freePort } from '../../cluster/ports.ts'
import { projectRoot } from '../../cluster/root.ts'
import { type ScratchDirectory, scratchDirectory } from '../../cluster/scratch.ts'
import { kafkaOf } from '../../demo/load.ts'
import { describeWithKafka, testBrokers } from '../kafka.ts'

const boundMs = 30_000
const testMs = 60_000
const main = join(projectRoot, 'dist', 'src', 'main.js')
let scratch: ScratchDirectory
let files = 0
const started: LeashedProcess[] = []

beforeAll(() => {
  scratch = scratchDirectory('wrong-use')
})
afterAll(() => {
  for (const process of started) process.signal('SIGKILL')
  scratch.remove()
})

/** A topology file as a user would write it. */
function topologyFile(body: string, name = `wrong-use-${process.pid}-${files}`): string {
  const path = join(scratch.path, `topology-${files++}.ts`)
  const imports = "import { json, string, topology } from 'millrace'\n"
  writeFileSync(path, `${imports}export default topology('${name}', (t) => {\n${body}\n})\n`)
  return path
}

interface Running {
  readonly process: LeashedProcess
  readonly errors: string[]
}

/** Starts `millrace run`, in a directory of its own. */
async function run(file: string, brokers: string, ...flags: string[]): Promise<Running> {
  const stateDirectory = join(scratch.path, `state-${files++}`)
  const place = ['--brokers', brokers, '--state-dir', stateDirectory, '--log-level', 'silent']
  const errors: string[] = []
  const args = ['--no-warnings', main, 'run', file, ...place, ...flags]
  const worker = await leash(process.execPath, args, {
    cwd: scratch.path,
    onLine: (line, from) => {
      if (from === 'stderr') errors.push(line)
    },
  })
  started.push(worker)
  return { process: worker, errors }
}

interface Ending {
  readonly code: number
  readonly message: string
}

/** How it ended; a process that does not end in time is a failure. */
async function ending({ process, errors }: Running): Promise<Ending> {
  const late = setTimeout(() => process.signal('SIGKILL'), boundMs)
  const { code } = await process.exited
  clearTimeout(late)
  return { code, message: errors.join('\n') }
}

async function failure(file: string, brokers: string, ...flags: string[]): Promise<Ending> {
  return ending(await run(file, brokers, ...flags))
}

/**
 * One message that begins with its code; what belongs to a list is on indented lines of its own.
 */
function expectOneMessage({ code, message }: Ending, pattern: RegExp): void {
  expect(message).toMatch(pattern)
  expect(message).toMatch(/^[A-Z_]+: [^\n]+(\n {2}[^\n]+)*$/)
  expect([1, 2]).toContain(code)
}

const passThrough = "t.stream('lines', { value: string }).to('words')"

test(
  'no broker: the address is named, and what to look at',
  async () => {
    const address = `127.0.0.1:${await freePort()}`
    const ended = await failure(topologyFile(passThrough), address, '--connect-timeout=2s')
    expectOneMessage(ended, /^BROKER_UNREACHABLE: /)
    expect(ended.message).toMatch(address)
  },
  testMs,
)

test(
  'wrong port: something that is no Kafka answers there',
  async () => {
    const port = await freePort()
    const server = await listen(port, (request) =>
      request.length > 0 ? 'HTTP/1.1 400\r\n\r\n' : '',
    )
    const file = topologyFile(passThrough)
    const ended = await failure(file, `127.0.0.1:${port}`, '--connect-timeout=2s')
    server.close()
    expectOneMessage(ended, /^BROKER_UNREACHABLE: /)
    expect(ended.message).toMatch(`127.0.0.1:${port}`)
  },
  testMs,
)

test('topology error: a sink without a topic name', async () => {
  const ended = await failure(topologyFile("t.stream('lines').to('')"), '127.0.0.1:1')
  expectOneMessage(ended, /^[A-Z_]+: /)
  expect(ended.code).toBe(2)
})

test('duplicate name: both places are named', async () => {
  const body = `const words = t.stream('lines', { value: string }).groupByKey()
    words.count('counts').to('a')
    words.count('counts').to('b')`
  const ended = await failure(topologyFile(body), '127.0.0.1:1')
  expectOneMessage(ended, /^[A-Z_]+: .*counts/)
  expect(ended.code).toBe(2)
})

describeWithKafka('wrong use on a Kafka', () => {
  const brokers = testBrokers ?? ''
  let kafka: Kafka
  let admin: Admin
  const topics: string[] = []

  beforeAll(async () => {
    kafka = kafkaOf(brokers)
    admin = kafka.admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin.deleteTopics({ topics })
    await admin.disconnect()
  })

  /** A topic with these values in it. */
  async function topic(values: readonly string[], configs: Record<string, string> = {}) {
    const name = `wrong-use-${process.pid}-${topics.length}`
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 1, configEntries }] })
    topics.push(name)
    const producer = kafka.producer()
    await producer.connect()
    const messages = values.map((value) => ({ key: 'k', value }))
    await eventually(() => producer.send({ topic: name, messages }))
    await producer.disconnect()
    return name
  }

  /** Resolves when the application's first worker runs. */
  async function joined(application: string): Promise<void> {
    await eventually(async () => {
      const { groups } = await admin.describeGroups([application])
      expect(groups[0]?.members).toHaveLength(1)
    }, 25_000)
  }

  test(
    'missing topic: it is named, with the way to create it',
    async () => {
      const file = topologyFile("t.stream('not-there', { value: string }).to('nor-there')")
      const ended = await failure(file, brokers, '--topic-wait=0ms')
      expectOneMessage(ended, /^TOPIC_MISSING: .*not-there/)
    },
    testMs,
  )

  test(
    'bad JSON in the input: topic, partition and offset are named',
    async () => {
      const input = await topic(['{"a":1}', '{"a":', '{"a":3}'])
      const output = await topic([])
      const body = `t.stream('${input}', { value: json() })
        .mapValues((value) => ({ ...value, seen: true })).to('${output}')`
      const ended = await failure(topologyFile(body), brokers)
      expectOneMessage(ended, /^[A-Z_]+: /)
      expect(ended.message).toMatch(new RegExp(`topic ${input}, partition 0, offset 1`))
    },
    testMs,
  )

  test(
    'a handler that throws: its error, operator, topic, partition and offset are named',
    async () => {
      const input = await topic(['fine', 'bad', 'fine'])
      const output = await topic([])
      const body = `t.stream('${input}', { value: string }).mapValues((value) => {
        if (value === 'bad') throw new Error('cannot take this one')
        return value
      }, { name: 'careful' }).to('${output}')`
      const ended = await failure(topologyFile(body), brokers)
      expectOneMessage(ended, /^[A-Z_]+: .*cannot take this one/)
      expect(ended.message).toMatch(/careful/)
      expect(ended.message).toMatch(new RegExp(`topic ${input}, partition 0, offset 1`))
    },
    testMs,
  )

  test(
    "an output record over the broker's limit: the topic and the setting are named",
    async () => {
      const input = await topic(['small', 'large'])
      const output = await topic([], { 'max.message.bytes': '2000' })
      const body = `t.stream('${input}', { value: string })
        .mapValues((value) => (value === 'large' ? 'x'.repeat(5000) : value)).to('${output}')`
      const ended = await failure(topologyFile(body), brokers)
      expectOneMessage(ended, /^[A-Z_]+: .*max\.message\.bytes/)
      expect(ended.message).toMatch(output)
    },
    testMs,
  )

  test(
    'a second worker with another version of the topology: the second one is refused',
    async () => {
      const input = await topic(['a'])
      const output = await topic([])
      const application = `wrong-use-${process.pid}-versions`
      const start = `t.stream('${input}', { value: string })`
      const old = topologyFile(`${start}.to('${output}')`, application)
      const changed = `${start}.groupByKey().count('counts').to('${output}')`
      const first = await run(old, brokers)
      await joined(application)
      const ended = await failure(topologyFile(changed, application), brokers)
      expectOneMessage(ended, /^[A-Z_]+: .*(version|topology)/)
      expect(first.process.end()).toBeUndefined()
      first.process.signal('SIGTERM')
      expect((await ending(first)).code).toBe(0)
    },
    testMs,
  )

  test(
    'a state directory in use: it is named, and the process that has it goes on',
    async () => {
      const input = await topic(['a'])
      const output = await topic([])
      const application = `wrong-use-${process.pid}-directory`
      const body = `t.stream('${input}', { value: string }).to('${output}')`
      const file = topologyFile(body, application)
      const directory = join(scratch.path, 'shared-state')
      const first = await run(file, brokers, '--state-dir', directory)
      await joined(application)
      const ended = await failure(file, brokers, '--state-dir', directory)
      expectOneMessage(ended, /^STATE_DIRECTORY_IN_USE: /)
      expect(ended.message).toMatch(directory)
      first.process.signal('SIGTERM')
      expect((await ending(first)).code).toBe(0)
    },
    testMs,
  )
})

/** A server that answers whatever it is sent with the same text, and closes. */
function listen(port: number, answer: (request: Buffer) => string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request) => socket.end(answer(request)))
  })
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
