import { expect, test } from '@jest/globals'
import type { Admin, CommittedPosition } from '../../../src/kafka/client/port.ts'
import { generation } from '../../../src/model/ids.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { Epochs } from '../../../src/worker/epochs.ts'
import { OwnedTasks } from '../../../src/worker/owned-tasks.ts'
import { fakeAdmin, FakeFetcher, FakeProducer, FakeTask, owned, positionsOf } from './fakes.ts'

const identity = { groupId: 'g', memberId: 'm', instanceId: null, generation: generation(3) }

/** An open epoch with one dirty task. */
async function rig(admin: Partial<Admin> = {}, awaits: (byMs: number) => boolean = () => false) {
  const env = new VirtualEnv()
  const producer = new FakeProducer()
  const tasks = new OwnedTasks(new FakeFetcher(), 1000)
  const task = new FakeTask(0)
  const dropped: (Error | undefined)[] = []
  const failed: Error[] = []
  const epochs = new Epochs({
    env,
    producer,
    tasks,
    logger: env.logger,
    admin: fakeAdmin(admin),
    groupId: 'g',
    run: 'r1',
    limits: { intervalMs: 100, bytesMax: 1000, recordsMax: 1000 },
    recoveryTimeoutMs: 10_000,
    identity: () => identity,
    onDropped: (error) => dropped.push(error),
    onFailed: (error) => failed.push(error),
    wake: () => undefined,
    awaits,
  })
  await env.run(epochs.open())
  const one = owned(task)
  tasks.add(one)
  tasks.start(one, positionsOf(task, 0, 'aaaaaaaa'), 0)
  task.dirty = true
  return { env, producer, tasks, task, epochs, dropped, failed }
}

const at = (metadata: string): CommittedPosition => {
  return { topic: 'in', partition: 0, offset: 10, leaderEpoch: -1, metadata }
}

test('an epoch commits with tagged positions, and its tasks are told its ends', async () => {
  const { env, epochs, producer, task } = await rig()
  epochs.observe()
  expect(epochs.mayProcess).toBe(true)
  await env.advance(1)
  expect(task.calls).toEqual(['start at 0', 'cut 1', 'committed 1 with ends'])
  expect(producer.positions).toEqual([at('r1.1.aaaaaaaa|own')])
  expect(epochs.committed.get('in-0')?.offset).toBe(10)
})

test('an aborted epoch is rolled back, and its tasks start where they committed', async () => {
  const committedOffsets = async () => new Map([['in-0', at('r0.9|')]])
  const { env, epochs, producer, task } = await rig({ committedOffsets })
  epochs.learn(await committedOffsets())
  producer.commits = ['abort']
  epochs.observe()
  await env.advance(1000)
  expect(task.calls.slice(1)).toEqual(['cut 1', 'rollback', 'start at 10'])
  expect(producer.calls).toEqual(['initialise', 'commit', 'initialise', 'discard'])
  expect(epochs.state).toMatchObject({ phase: 'open', epoch: 3 })
})

test('stores on top of a commit that came undone are dropped, not rolled back', async () => {
  const committedOffsets = async () => new Map([['in-0', at('r0.9|')]])
  const { env, epochs, producer, task, dropped } = await rig({ committedOffsets })
  epochs.learn(new Map([['in-0', { ...at('r0.9|'), offset: 12 }]]))
  producer.commits = ['abort']
  epochs.observe()
  await env.advance(1000)
  expect(task.calls.slice(1)).toEqual(['cut 1', 'rollback', 'close'])
  expect(dropped[0]?.message).toMatch(/positions are not those/)
})

test('a roll-back that cannot read positions ends with the worker', async () => {
  let reads = 0
  const committedOffsets = async () => {
    reads += 1
    throw new Error('the broker is away')
  }
  const { env, epochs, producer } = await rig({ committedOffsets })
  producer.commits = ['abort']
  epochs.observe()
  await env.advance(1000)
  expect(reads).toBeGreaterThan(1)
  epochs.fail(new Error('the worker has ended'))
  await env.advance(2_000)
  const late = reads
  await env.advance(60_000)
  expect(reads).toBe(late)
})

test('an epoch without an answer whose positions are there is kept', async () => {
  const { env, epochs, producer, task } = await rig({
    committedOffsets: async () => new Map([['in-0', at('r1.1|own')]]),
    listOffsets: async () => new Map([['out-0', 77]]),
  })
  producer.commits = ['unknown']
  epochs.observe()
  await env.advance(1000)
  expect(task.calls.slice(1)).toEqual(['cut 1', 'committed 1 with ends'])
})

test('an epoch without an answer whose positions are not there is done again', async () => {
  const committedOffsets = async () => new Map<string, CommittedPosition>()
  const { env, epochs, producer, task } = await rig({
    committedOffsets,
    listOffsets: async () => new Map([['in-0', 4]]),
  })
  producer.commits = ['unknown']
  epochs.observe()
  await env.advance(1000)
  expect(task.calls.slice(1)).toEqual(['cut 1', 'rollback', 'start at 4'])
})

test('positions of somebody else in place of the epoch’s mean that all is lost', async () => {
  const committedOffsets = async () => new Map([['in-0', at('other.4|')]])
  const { env, epochs, producer, task, dropped } = await rig({ committedOffsets })
  producer.commits = ['unknown']
  epochs.observe()
  await env.advance(1000)
  expect(task.calls.at(-1)).toBe('close')
  expect(dropped).toHaveLength(1)
})

test('a fenced commit drops every task and the open output', async () => {
  const { env, epochs, producer, tasks, dropped } = await rig()
  producer.commits = ['fenced']
  epochs.observe()
  await env.advance(1)
  expect(tasks.all).toEqual([])
  expect(producer.calls.at(-1)).toBe('discard')
  expect(dropped[0]?.message).toBe('fenced')
  expect(epochs.state.phase).toBe('closed')
})

test('what comes of a commit after everything was lost is forgotten', async () => {
  const { env, epochs, task } = await rig()
  epochs.observe()
  epochs.lost()
  await env.advance(1)
  expect(task.calls).toEqual(['start at 0', 'cut 1', 'close'])
  expect(epochs.state.phase).toBe('closed')
})

test('nothing is cut while it is held, and settling waits until all is committed', async () => {
  const { env, epochs, task } = await rig()
  epochs.hold(true)
  epochs.observe()
  await env.advance(500)
  expect(task.calls).toEqual(['start at 0'])
  epochs.hold(false)
  const settled = epochs.settle()
  expect(epochs.mayProcess).toBe(false)
  epochs.observe()
  await env.advance(1)
  epochs.observe()
  expect(await settled).toBe(true)
  expect(task.calls.at(-1)).toBe('committed 1 with ends')
  expect(epochs.mayProcess).toBe(true)
})

test('a worker that cannot recover in time fails with the last error', async () => {
  const { env, epochs, producer, failed } = await rig({
    committedOffsets: async () => Promise.reject(new Error('no coordinator')),
  })
  producer.commits = ['abort']
  epochs.observe()
  await env.advance(15_000)
  expect(failed.map((error) => error.message)).toEqual(['no coordinator'])
  expect(epochs.state.phase).toBe('failed')
})

test('a cut comes a little early when all input for it is here, and the pace stays', async () => {
  const { env, epochs, task } = await rig()
  epochs.observe()
  await env.advance(89)
  const cuts = () => task.calls.filter((call) => call.startsWith('cut')).length
  task.dirty = true
  epochs.observe(true)
  expect([cuts(), epochs.dueMs()]).toEqual([1, 1])
  await env.advance(2)
  epochs.observe(false)
  expect(cuts()).toBe(1)
  epochs.observe(true)
  expect(cuts()).toBe(2)
  await env.advance(1)
  expect(epochs.cutAfter(env.clock.monotonic() + 20)).toBe(env.clock.monotonic() + 108)
})

test('a cut waits a little for input that was to be here for it', async () => {
  let late = true
  const { env, epochs, task } = await rig({}, () => late)
  epochs.observe()
  await env.advance(105)
  const cuts = () => task.calls.filter((call) => call.startsWith('cut')).length
  task.dirty = true
  epochs.observe(true)
  expect([cuts(), epochs.dueMs()]).toEqual([1, 5])
  late = false
  epochs.observe(false)
  expect(cuts()).toBe(2)
  late = true
  // Not longer than that.
  await env.advance(110)
  task.dirty = true
  epochs.observe(true)
  expect(cuts()).toBe(3)
})
