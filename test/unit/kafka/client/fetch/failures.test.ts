import { expect, test } from '@jest/globals'
import {
  fetch,
  listOffsets,
  offsetForLeaderEpoch,
} from '../../../../../src/kafka/protocol/messages/index.ts'
import { WireError } from '../../../../../src/kafka/wire.ts'
import { concat } from '../../protocol/record-batch/batches.ts'
import { batchAt, FetchRig, polled } from './fetch-rig.ts'

const lines = { topic: 'lines', partition: 0 }

async function reading(offset = 0, leaderEpoch = -1, rig = new FetchRig()): Promise<FetchRig> {
  rig.fetcher.assign(lines, offset, leaderEpoch)
  await rig.settle()
  return rig
}

test('a moved leader is looked up and read from where reading was', async () => {
  const rig = await reading(7)
  rig.leaders['lines'] = [{ node: 2, epoch: 5 }]
  await (await rig.held(1)).answer('lines', { partition: 0, errorCode: 6 })
  await rig.settle(20)
  expect((await rig.held(2)).asked).toEqual(['lines-0@7'])
  expect(rig.fetcher.problems()).toEqual([])
})

test('a partition without a leader is looked up with growing pauses', async () => {
  const rig = new FetchRig()
  rig.leaders['lines'] = [{ node: -1, epoch: 4 }]
  await reading(0, -1, rig)
  await rig.settle(5000)
  expect(rig.metadataReads).toBeGreaterThan(4)
  expect(rig.metadataReads).toBeLessThan(20)
  rig.leaders['lines'] = [{ node: 1, epoch: 5 }]
  await rig.settle(1000)
  expect((await rig.held()).asked).toEqual(['lines-0@0'])
})

test.each([
  ['UNKNOWN_TOPIC_OR_PARTITION', 3],
  ['FENCED_LEADER_EPOCH', 74],
  ['UNKNOWN_TOPIC_ID', 100],
  ['KAFKA_STORAGE_ERROR', 56],
])('%s refreshes metadata and is tried again after a pause', async (_, errorCode) => {
  const rig = await reading()
  const before = rig.metadataReads
  await (await rig.held()).answer('lines', { partition: 0, errorCode })
  expect(rig.pending).toHaveLength(0)
  expect(rig.metadataReads).toBe(before + 1)
  await rig.settle(20)
  expect((await rig.held()).asked).toEqual(['lines-0@0'])
})

test.each([
  ['UNKNOWN_LEADER_EPOCH', 75],
  ['OFFSET_NOT_AVAILABLE', 78],
  ['UNKNOWN_SERVER_ERROR', -1],
])('%s is tried again after a pause, with the metadata there is', async (_, errorCode) => {
  const rig = await reading()
  const before = rig.metadataReads
  await (await rig.held()).answer('lines', { partition: 0, errorCode })
  expect(rig.pending).toHaveLength(0)
  await rig.settle(20)
  expect((await rig.held()).asked).toEqual(['lines-0@0'])
  expect(rig.metadataReads).toBe(before)
})

test('a partition that fails leaves the others of its broker alone', async () => {
  const rig = await reading()
  rig.fetcher.assign({ topic: 'lines', partition: 1 }, 0)
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 75 })
  expect((await rig.held()).asked).toEqual(['lines-1@0'])
})

test('a topic that is made again under its name is a problem, and is not read', async () => {
  const rig = await reading(7)
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(7, ['a']) })
  rig.recreated.add('lines')
  for (let refused = 0; refused < 5; refused++) {
    expect(rig.fetcher.problems()).toEqual([])
    const fetch = await rig.held()
    expect(fetch.asked).toEqual(['lines-0@8'])
    await fetch.answer('lines', { partition: 0, errorCode: 100 })
    await rig.settle(500)
  }
  expect(polled(rig.fetcher)).toEqual(['lines-0: a → 8'])
  expect(rig.fetcher.problems()).toEqual([
    { ...lines, problem: { kind: 'topic-recreated', at: 8 } },
  ])
  expect(rig.pending).toHaveLength(0)
})

test('an id that no fetch went by yet is looked up anew: the brokers may have lagged', async () => {
  const rig = await reading()
  rig.recreated.add('lines')
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 100 })
  await rig.settle(20)
  expect((await rig.held()).asked).toEqual(['lines-2-0@0'])
  expect(rig.fetcher.problems()).toEqual([])
})

test('a topic that metadata refuses is its own problem, and others are read', async () => {
  const rig = new FetchRig()
  rig.refused['hidden'] = 29
  rig.fetcher.assign({ topic: 'hidden', partition: 1 }, 5)
  await reading(0, -1, rig)
  expect((await rig.held()).asked).toEqual(['lines-0@0'])
  const error = { code: 'KAFKA_TOPIC_AUTHORIZATION_FAILED', where: { topic: 'hidden' } }
  expect(rig.fetcher.problems()).toMatchObject([
    { topic: 'hidden', partition: 1, problem: { kind: 'failed', error } },
  ])
})

test('a missing authorisation is a problem that names partition, offset and advice', async () => {
  const rig = await reading(3)
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 29 })
  const [found] = rig.fetcher.problems()
  expect(found).toMatchObject({
    ...lines,
    problem: {
      kind: 'failed',
      error: { code: 'KAFKA_TOPIC_AUTHORIZATION_FAILED', where: { ...lines, offset: 3 } },
    },
  })
  expect(rig.fetcher.problems()).toEqual([])
  await rig.settle(5000)
  expect(rig.pending).toHaveLength(0)
})

test('an error code that nobody knows is a problem with its number', async () => {
  const rig = await reading()
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 4711 })
  expect(String(Object(rig.fetcher.problems()[0]?.problem).error)).toMatch(/4711/)
})

test('an offset that the log lost is told with the start of the log', async () => {
  const rig = await reading(5)
  rig.wire.on(listOffsets, () => ({
    topics: [
      {
        name: 'lines',
        partitions: [{ partitionIndex: 0, errorCode: 0, offset: 40, timestamp: -1 }],
      },
    ],
  }))
  const wait = rig.fetcher.wait(new AbortController().signal)
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 1 })
  await wait
  const problem = { kind: 'offset-out-of-range', at: 5, logStart: 40 }
  expect(rig.fetcher.problems()).toEqual([{ ...lines, problem }])
  await rig.settle(1000)
  expect(rig.pending).toHaveLength(0)
  rig.fetcher.assign(lines, 40)
  expect((await rig.held()).asked).toEqual(['lines-0@40'])
})

test('a problem met ahead is told after what came before it', async () => {
  const rig = await reading()
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 29 })
  expect(rig.fetcher.problems()).toEqual([])
  expect(polled(rig.fetcher)).toEqual(['lines-0: a → 1'])
  expect(rig.fetcher.problems()).toHaveLength(1)
})

test('a log that was truncated below the position is told by the diverging epoch', async () => {
  const rig = await reading(90, 4)
  const fetch = await rig.held()
  expect(fetch.request.topics[0]?.partitions[0]).toMatchObject({ lastFetchedEpoch: 4 })
  await fetch.answer('lines', { partition: 0, divergingEpoch: { epoch: 3, endOffset: 70 } })
  const problem = { kind: 'truncated', at: 90, truncatedTo: 70 }
  expect(rig.fetcher.problems()).toEqual([{ ...lines, problem }])
})

test('older brokers are asked where the epoch ended, once per leader', async () => {
  const rig = new FetchRig()
  rig.wire.speaks(fetch, { min: 4, max: 11 })
  let endOffset = 95
  rig.wire.on(offsetForLeaderEpoch, () => ({
    topics: [
      { topic: 'lines', partitions: [{ errorCode: 0, partition: 0, leaderEpoch: 4, endOffset }] },
    ],
  }))
  await reading(90, 4, rig)
  const first = await rig.held()
  expect([first.version, first.asked]).toEqual([11, ['lines-0@90']])
  await first.answer('lines', { partition: 0 })
  await rig.held()
  expect(rig.wire.asked(offsetForLeaderEpoch)).toHaveLength(1)
  endOffset = 60
  rig.leaders['lines'] = [{ node: 1, epoch: 5 }]
  await (await rig.held()).answer('lines', { partition: 0, errorCode: 74 })
  await rig.settle(20)
  rig.fetcher.poll(1)
  const problem = { kind: 'truncated', at: 90, truncatedTo: 60 }
  expect(rig.fetcher.problems()).toEqual([{ ...lines, problem }])
})

test('a lost connection is tried again with growing pauses', async () => {
  const rig = await reading()
  const pauses: number[] = []
  for (let i = 0; i < 6; i++) {
    const fetch = await rig.held()
    await fetch.fail(new WireError('closed', 'the connection was lost', true))
    const before = rig.env.clock.monotonic()
    while (rig.pending.length === 0) await rig.settle(rig.env.nextTimerMs ?? 1)
    pauses.push(rig.env.clock.monotonic() - before)
  }
  expect(pauses[0]).toBeLessThanOrEqual(20)
  expect(pauses.at(-1)).toBeGreaterThan(200)
  expect(rig.fetcher.problems()).toEqual([])
})

test('refused credentials are a problem, not a reason to try again', async () => {
  const rig = await reading()
  await (await rig.held()).fail(new WireError('authentication', 'wrong password', true))
  expect(rig.fetcher.problems()).toMatchObject([
    { problem: { kind: 'failed', error: { code: 'AUTHENTICATION_FAILED' } } },
  ])
})

test('a damaged batch is a problem with its offset, after the batches before it', async () => {
  const rig = await reading()
  const bad = batchAt(1, ['b'])
  bad[bad.length - 2] = 0x77
  const records = concat(batchAt(0, ['a']), bad, batchAt(2, ['c']))
  await (await rig.held()).answer('lines', { partition: 0, records })
  expect(polled(rig.fetcher)).toEqual(['lines-0: a → 1'])
  expect(polled(rig.fetcher)).toEqual([])
  expect(rig.fetcher.problems()).toMatchObject([
    { problem: { error: { code: 'BATCH_CORRUPT', where: { ...lines, offset: 1 } } } },
  ])
  await rig.settle()
  expect(polled(rig.fetcher)).toEqual([])
})

test('a throttled client leaves the broker alone as long as it was told', async () => {
  const rig = new FetchRig()
  rig.wire.on(fetch, () => ({ throttleTimeMs: 500, errorCode: 0, responses: [] }))
  await reading(0, -1, rig)
  await rig.settle(450)
  expect(rig.wire.asked(fetch)).toHaveLength(1)
  await rig.settle(600)
  expect(rig.wire.asked(fetch)).toHaveLength(3)
})
