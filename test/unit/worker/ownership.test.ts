import { expect, test } from '@jest/globals'
import {
  decodeAssignment,
  encodeAssignment,
  nothingAssigned,
} from '../../../src/group/assignment.ts'
import { string, topology } from '../../../src/index.ts'
import { generation, partitionName, taskId } from '../../../src/model/ids.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { Epochs } from '../../../src/worker/epochs.ts'
import { OwnedTasks } from '../../../src/worker/owned-tasks.ts'
import { StandbyTasks } from '../../../src/worker/standby-tasks.ts'
import { Ownership } from '../../../src/worker/ownership.ts'
import { fakeAdmin, FakeFetcher, FakeProducer, FakeTask } from './fakes.ts'

const plan = planTopology(topology('app', (t) => t.stream('in', { value: string }).to('out')))
const identity = { groupId: 'app', memberId: 'm', instanceId: null, generation: generation(1) }

/** A worker that has found two partitions of its input. */
function rig(producer = new FakeProducer()) {
  const env = new VirtualEnv()
  const tasks = new OwnedTasks(new FakeFetcher(), 1000)
  const admin = fakeAdmin({
    committedOffsets: async () => new Map(),
    listOffsets: async (all) => new Map(all.map((one) => [partitionName(one), 0])),
  })
  const shared = { env, logger: env.logger, admin, tasks, groupId: 'app' }
  const epochs: Epochs = new Epochs({
    ...shared,
    producer,
    run: 'r1',
    limits: { intervalMs: 100, bytesMax: 1000, recordsMax: 1000 },
    recoveryTimeoutMs: 10_000,
    identity: () => identity,
    onDropped: () => undefined,
    onFailed: () => undefined,
    wake: () => epochs.observe(),
    awaits: () => false,
  })
  const created: string[] = []
  const rejoins: string[] = []
  const failed: Error[] = []
  const standbys = new StandbyTasks({
    ...shared,
    fetcher: () => new FakeFetcher(),
    create: (id) => ownership.create(id),
    acceptableLag: 0,
    flushIntervalMs: 1000,
    onLevel: () => undefined,
  })
  const ownership: Ownership = new Ownership({
    ...shared,
    plan,
    epochs,
    counts: new Map([['in', 2]]),
    processId: 'p1',
    slot: 0,
    transactionalId: 'app-p1-0',
    endpoint: '',
    standbys,
    replicas: { standbys: 0, acceptableLag: 0, stateful: [false] },
    tags: [],
    cacheBytesMax: 1_000_000,
    createTask: (_, partition, partitionsOf) => {
      created.push(`${partition} of ${partitionsOf('in')}`)
      return new FakeTask(partition)
    },
    openState: () => undefined,
    storedTasks: () => [],
    restoreFetcher: () => new FakeFetcher(),
    rejoin: (reason) => rejoins.push(reason),
    expectRound: () => undefined,
    onFailed: (error) => failed.push(error),
    onChanged: () => undefined,
  })
  const assigned = async (partitions: number, ...active: readonly number[]) => {
    const assignment = {
      ...nothingAssigned,
      active: active.map((partition) => taskId(0, partition)),
      partitions: [{ topic: 'in', partitions }],
    }
    await env.run(ownership.onAssigned(encodeAssignment(assignment), identity))
    await env.advance(1)
    return created.splice(0)
  }
  /** What it assigns as leader of a group of its own. */
  const leads = () => {
    const member = { memberId: 'm', instanceId: null, subscription: ownership.subscription() }
    const own = ownership.assign([member]).get('m')
    return decodeAssignment(own?.assignment ?? new Uint8Array())
  }
  return { assigned, leads, tasks, rejoins, failed, env, ownership }
}

test('tasks are made by the partition counts that the leader tells', async () => {
  const { assigned, tasks } = rig()
  expect(await assigned(2, 0)).toEqual(['0 of 2'])
  expect(await assigned(2, 0, 1)).toEqual(['1 of 2'])
  expect(tasks.running).toHaveLength(2)
})

test('other counts than before open all tasks anew, without another round', async () => {
  const { assigned, tasks, rejoins, failed } = rig()
  await assigned(2, 0)
  expect(await assigned(8, 0, 7)).toEqual(['0 of 8', '7 of 8'])
  expect(tasks.running).toHaveLength(2)
  expect([rejoins, failed]).toEqual([[], []])
})

test('a worker that has heard of more partitions leads by these', async () => {
  const { assigned, leads } = rig()
  expect(leads().partitions).toEqual([{ topic: 'in', partitions: 2 }])
  await assigned(8, 0)
  await assigned(1, 0)
  expect(leads().partitions).toEqual([{ topic: 'in', partitions: 8 }])
  expect(leads().active).toHaveLength(8)
})

test('an assignment that was lost while the producer was initialised starts nothing', async () => {
  const producer = new FakeProducer()
  const answer = Promise.withResolvers<undefined>()
  const initialise = producer.initialise.bind(producer)
  producer.initialise = () => answer.promise.then(initialise)
  const { ownership, tasks, env } = rig(producer)
  const assignment = { ...nothingAssigned, active: [taskId(0, 0)] }
  const assigning = ownership.onAssigned(encodeAssignment(assignment), identity)
  await env.advance(1)
  // The session ends meanwhile: somebody else gets the task.
  const lost = ownership.onLost(new Error('the session is over'))
  await env.advance(1)
  answer.resolve(undefined)
  await env.run(Promise.all([assigning, lost]))
  expect(tasks.all).toEqual([])
})
