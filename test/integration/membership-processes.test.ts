import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from '@jest/globals'
import { eventually } from '../../cluster/eventually.ts'
import { leash, type LeashedProcess } from '../../cluster/leash.ts'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { connectKafka } from '../../src/kafka/client/connect.ts'
import { describeWithKafka, testBrokers } from '../kafka.ts'
import { quietEnv } from '../quiet-env.ts'
import type { WorkerEvent } from './membership-worker.ts'

const tasks = 6
const sessionMs = 6_000
const program = fileURLToPath(new URL('membership-worker.js', import.meta.url))
const running = new Set<LeashedProcess>()

type TimedEvent = WorkerEvent & { readonly at: number }

interface Worker {
  readonly process: LeashedProcess
  readonly events: TimedEvent[]
  /** What it runs, by its own word. */
  owned(): ReadonlySet<string>
}

/** Workers of one group, each a process. */
class Group {
  readonly id = `membership-${randomUUID().slice(0, 8)}`
  readonly workers: Worker[] = []

  async prepare(): Promise<this> {
    const wire = kafkajsWire({ brokers: [broker] }, quietEnv)
    const client = await connectKafka({ wire, env: quietEnv, ...batchCompression() })
    const topic = { name: this.id, partitions: tasks, replicationFactor: -1, configs: {} }
    await client.admin.createTopics([topic])
    await client.close()
    return this
  }

  async worker(name: string, instance = '-'): Promise<Worker> {
    const events: TimedEvent[] = []
    const args = [program, broker, this.id, this.id, String(tasks), name, instance]
    const started = await leash(process.execPath, args, {
      onLine: (line, from) => {
        if (from === 'stdout') events.push(JSON.parse(line))
      },
    })
    running.add(started)
    const worker = { process: started, events, owned: () => ownedAfter(events) }
    this.workers.push(worker)
    return worker
  }

  /** Until these run all tasks, evenly. */
  async settled(...workers: readonly Worker[]): Promise<void> {
    const share = tasks / workers.length
    await eventually(() => {
      expect(workers.map((worker) => worker.owned().size)).toEqual(workers.map(() => share))
    }, sessionMs + 15_000)
    expect(new Set(workers.flatMap((worker) => Array.from(worker.owned()))).size).toBe(tasks)
  }

  /** No two workers started a task in one generation. */
  expectOneOwnerPerGeneration(): void {
    const starts = this.workers.flatMap(({ events }, worker) =>
      events.flatMap((event) =>
        event.kind === 'start' ? [`${event.task} in ${event.generation}: ${worker}`] : [],
      ),
    )
    const places = starts.map((start) => start.slice(0, start.indexOf(':')))
    expect(starts.filter((_, i) => places.indexOf(places[i] ?? '') !== i)).toEqual([])
  }
}

const broker = (testBrokers ?? '').split(',')[0] ?? ''

function ownedAfter(events: readonly TimedEvent[]): ReadonlySet<string> {
  const owned = new Set<string>()
  for (const event of events) {
    if (event.kind === 'start') owned.add(event.task)
    if (event.kind === 'stop') owned.delete(event.task)
  }
  return owned
}

/** When the last of some events happened; fails where there is none. */
function timeOf(worker: Worker, fits: (event: TimedEvent) => boolean): number {
  const found = worker.events.findLast(fits)
  expect(found).toBeDefined()
  return found?.at ?? Number.NaN
}

function startGenerations({ events }: Worker): readonly number[] {
  return events.flatMap((event) => (event.kind === 'start' ? [event.generation] : []))
}

describeWithKafka('members in processes of their own', () => {
  afterEach(async () => {
    for (const worker of running) {
      worker.signal('SIGKILL')
      await worker.exited
    }
    running.clear()
  })

  test('a task stops in one process before it starts in another', async () => {
    const group = await new Group().prepare()
    const one = await group.worker('processa')
    await group.settled(one)
    const two = await group.worker('processb')
    await group.settled(one, two)
    for (const task of two.owned()) {
      const stopped = timeOf(one, (event) => event.kind === 'stop' && event.task === task)
      const started = timeOf(two, (event) => event.kind === 'start' && event.task === task)
      expect(stopped).toBeLessThanOrEqual(started)
    }
    two.process.signal('SIGTERM')
    expect(await two.process.exited).toEqual({ code: 0 })
    await group.settled(one)
    group.expectOneOwnerPerGeneration()
  }, 30_000)

  test('a killed process is replaced, a frozen one too, and wakes as a stranger', async () => {
    const group = await new Group().prepare()
    const one = await group.worker('processa')
    const two = await group.worker('processb')
    const three = await group.worker('processc')
    await group.settled(one, two, three)
    two.process.signal('SIGKILL')
    three.process.signal('SIGSTOP')
    await group.settled(one)
    const fenced = one.events.flatMap((event) => (event.kind === 'fenced' ? [event.id] : []))
    const ids = ['processb', 'processc'].map((name) => `${group.id}-${name}-0`)
    expect(fenced.toSorted()).toEqual(ids)
    const wokenAt = Date.now()
    three.process.signal('SIGCONT')
    await eventually(() => expect(three.events.some(({ kind }) => kind === 'lost')).toBe(true))
    await group.settled(one, three)
    // Nothing of the old membership could be committed with, not even by the first timer to run.
    const woken = three.events.filter((event) => event.kind === 'woken')
    expect(woken).toHaveLength(1)
    expect(woken[0]).toMatchObject({ hadIdentity: false })
    const lost = three.events.findIndex(({ kind }) => kind === 'lost')
    const again = three.events.findIndex(({ kind, at }) => kind === 'start' && at >= wokenAt)
    expect(lost).toBeLessThan(again)
    group.expectOneOwnerPerGeneration()
  }, 60_000)

  test('a killed static member that is back in time finds its tasks as they were', async () => {
    const group = await new Group().prepare()
    const one = await group.worker('processa', 'a')
    const two = await group.worker('processb', 'b')
    await group.settled(one, two)
    const before = one.events.length
    two.process.signal('SIGKILL')
    await two.process.exited
    const again = await group.worker('processb', 'b')
    await group.settled(one, again)
    expect(again.owned()).toEqual(two.owned())
    // The latest generation is that of the last hand-over: there was no round since.
    const latest = Math.max(...[one, two].flatMap(startGenerations))
    expect(new Set(startGenerations(again))).toEqual(new Set([latest]))
    expect(one.events).toHaveLength(before)
  }, 30_000)
})
