import { expect, test } from '@jest/globals'
import { string, topology } from '../../../src/index.ts'
import { partitionName } from '../../../src/model/ids.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { readStartPositions } from '../../../src/worker/start-positions.ts'
import { fakeAdmin, FakeTask, owned } from './fakes.ts'

function taskReading(startFrom: 'earliest' | 'latest' | { readonly last: '1h' }) {
  const plan = planTopology(
    topology('app', (t) => t.stream('in', { value: string, startFrom }).to('out')),
  )
  const [subTopology] = plan.subTopologies
  if (subTopology === undefined) throw new Error('no sub-topology')
  return { ...owned(new FakeTask(2)), subTopology }
}

type ListOffsets = ReturnType<typeof fakeAdmin>['listOffsets']

async function start(
  startFrom: 'earliest' | 'latest' | { readonly last: '1h' },
  listOffsets: ListOffsets,
) {
  const env = new VirtualEnv()
  const task = taskReading(startFrom)
  const admin = fakeAdmin({ committedOffsets: async () => new Map(), listOffsets })
  return (await readStartPositions([task], 'app', admin, env)).of(task)
}

const all = (offset: number): ListOffsets => {
  return async (partitions) => new Map(partitions.map((one) => [partitionName(one), offset]))
}

test('a committed position goes on with the task’s own words', async () => {
  const task = taskReading('earliest')
  const position = { topic: 'in', partition: 2, offset: 40, leaderEpoch: 5, metadata: 'r.3|own' }
  const admin = fakeAdmin({ committedOffsets: async () => new Map([['in-2', position]]) })
  const { of } = await readStartPositions([task], 'app', admin, new VirtualEnv())
  expect(of(task)).toEqual([{ ...position, metadata: 'own', mark: undefined }])
})

test('without a committed position the source says where to begin', async () => {
  const ends: ListOffsets = async (partitions, at) =>
    all(at === 'latest' ? 90 : 12)(partitions, at, 'read_committed')
  expect(await start('earliest', ends)).toMatchObject([{ offset: 12 }])
  expect(await start('latest', ends)).toMatchObject([{ offset: 90 }])
})

test('the last hour begins with its first record, or at the end when it has none', async () => {
  const asked: unknown[] = []
  const found: ListOffsets = async (partitions, at, isolation) => {
    asked.push(at)
    return all(33)(partitions, at, isolation)
  }
  expect(await start({ last: '1h' }, found)).toMatchObject([{ offset: 33 }])
  expect(asked).toEqual([{ timestamp: 1_700_000_000_000 - 3_600_000 }])
  const none: ListOffsets = (partitions, at, isolation) =>
    all(at === 'latest' ? 90 : -1)(partitions, at, isolation)
  expect(await start({ last: '1h' }, none)).toMatchObject([{ offset: 90 }])
})

const topicIds = (...ids: readonly string[]) => {
  let look = 0
  return async () => {
    const topicId = `${ids[look++] ?? ids.at(-1)}${'0'.repeat(24)}`
    return new Map([['in', { name: 'in', partitions: 3, topicId }]])
  }
}

test('a position of another topic of the same name is refused', async () => {
  const env = new VirtualEnv()
  const position = { topic: 'in', partition: 2, offset: 40, leaderEpoch: 5 }
  const committed = async (metadata: string) => new Map([['in-2', { ...position, metadata }]])
  const read = (metadata: string, ...ids: readonly string[]) => {
    const describeTopics = topicIds(...ids)
    const admin = fakeAdmin({ committedOffsets: () => committed(metadata), describeTopics })
    const task = taskReading('earliest')
    return env.run(readStartPositions([task], 'app', admin, env).then(({ of }) => of(task)))
  }
  const recreated = { code: 'TOPIC_RECREATED', where: { topic: 'in', partition: 2, offset: 40 } }
  await expect(read('r.3.aaaaaaaa|own', 'bbbbbbbb')).rejects.toMatchObject(recreated)
  // A broker that lags behind tells the topic before for a moment.
  const known = [{ ...position, metadata: 'own', mark: 'aaaaaaaa' }]
  expect(await read('r.3.aaaaaaaa|own', 'bbbbbbbb', 'aaaaaaaa')).toEqual(known)
  expect(await read('r.3|own', 'aaaaaaaa')).toEqual(known)
})
