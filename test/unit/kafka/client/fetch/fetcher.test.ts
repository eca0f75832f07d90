import { expect, test } from '@jest/globals'
import { WireError } from '../../../../../src/kafka/wire.ts'
import { concat } from '../../protocol/record-batch/batches.ts'
import { batchAt, FetchRig, polled } from './fetch-rig.ts'

const lines = (partition: number) => ({ topic: 'lines', partition })

async function reading(partitions: readonly number[], rig = new FetchRig()): Promise<FetchRig> {
  for (const partition of partitions) rig.fetcher.assign(lines(partition), 0)
  await rig.settle()
  return rig
}

/** Whether a wait is over. */
async function isOver(rig: FetchRig, wait: Promise<void>): Promise<boolean> {
  let over = false
  void wait.then(() => {
    over = true
  })
  await rig.settle()
  return over
}

test('partitions that are assigned together are asked for in one fetch', async () => {
  const rig = await reading([0, 1, 2])
  const fetch = await rig.held()
  expect(fetch.asked).toEqual(['lines-0@0', 'lines-1@0', 'lines-2@0'])
  expect(fetch.request).toMatchObject({ isolationLevel: 1, maxWaitMs: 100, sessionEpoch: -1 })
})

test('records are handed over with the position after them and the end', async () => {
  const rig = await reading([0])
  const answer = { partition: 0, records: concat(batchAt(0, ['a', 'b']), batchAt(2, ['c'])) }
  await (await rig.held()).answer('lines', { ...answer, lastStableOffset: 8, highWatermark: 9 })
  const [fetched] = rig.fetcher.poll(1 << 20)
  expect(fetched).toMatchObject({ nextOffset: 3, nextLeaderEpoch: 4, endOffset: 8 })
  expect(rig.fetcher.endOffset(lines(0))).toBe(8)
})

test('a reader of everything is told the high watermark', async () => {
  const rig = await reading([0], new FetchRig({ isolation: 'read_uncommitted' }))
  const fetch = await rig.held()
  expect(fetch.request.isolationLevel).toBe(0)
  await fetch.answer('lines', { partition: 0, lastStableOffset: -1, highWatermark: 9 })
  expect(rig.fetcher.endOffset(lines(0))).toBe(9)
})

test('the next fetch goes out while records wait, and never two to one broker', async () => {
  const rig = await reading([0])
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  expect((await rig.held()).asked).toEqual(['lines-0@1'])
  expect(polled(rig.fetcher)).toEqual(['lines-0: a → 1'])
})

test('where nothing comes, the broker holds fetches longer, and until the first byte', async () => {
  const rig = await reading([0], new FetchRig({ waitMs: 30, bytesMin: 5000 }))
  // The first answer tells where the log ends, which is news.
  await (await rig.held()).answer('lines', { partition: 0, lastStableOffset: 0 })
  const patience: number[][] = []
  for (let round = 0; round < 5; round++) {
    const fetch = await rig.held()
    patience.push([fetch.request.maxWaitMs, fetch.request.minBytes])
    await fetch.answer('lines', { partition: 0, lastStableOffset: 0 })
  }
  expect(patience).toEqual([
    [30, 5000],
    [60, 1],
    [120, 1],
    [200, 1],
    [200, 1],
  ])
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  rig.fetcher.poll(1 << 20)
  const { request } = await rig.held()
  expect([request.maxWaitMs, request.minBytes]).toEqual([30, 5000])
})

test('a hold ends in time for when records are wanted, which are awaited until then', async () => {
  const rig = await reading([0], new FetchRig({ waitMs: 50, wantedAfter: () => 41 }))
  expect((await rig.held()).request.maxWaitMs).toBe(40)
  expect([rig.fetcher.awaits(40), rig.fetcher.awaits(41)]).toEqual([false, true])
  // It is 4 ms late.
  await rig.settle(44)
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  expect(rig.fetcher.awaits(41)).toBe(false)
})

test('partitions of two leaders are fetched from both at once', async () => {
  const rig = new FetchRig()
  rig.leaders['lines'] = [
    { node: 1, epoch: 4 },
    { node: 2, epoch: 7 },
  ]
  await reading([0, 1], rig)
  expect((await rig.held(1)).asked).toEqual(['lines-0@0'])
  expect((await rig.held(2)).asked).toEqual(['lines-1@0'])
  expect((await rig.held(2)).request.topics[0]?.partitions[0]?.currentLeaderEpoch).toBe(7)
})

test('the first answer is handed over also when it is empty: it tells the end', async () => {
  const rig = await reading([0])
  const empty = { partition: 0, lastStableOffset: 0 }
  await (await rig.held()).answer('lines', empty)
  expect(polled(rig.fetcher)).toEqual(['lines-0:  → 0'])
  await (await rig.held()).answer('lines', empty)
  expect(polled(rig.fetcher)).toEqual([])
})

test('an empty first answer is not lost behind others that fill a poll', async () => {
  const rig = await reading([0, 1])
  const said = { partition: 1, lastStableOffset: 0 }
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) }, said)
  expect(polled(rig.fetcher, 1)).toEqual(['lines-0: a → 1'])
  expect(polled(rig.fetcher, 1)).toEqual(['lines-1:  → 0'])
})

test('a partly drained chunk comes first next time, then others have their turn', async () => {
  const rig = await reading([0, 1])
  const two = concat(batchAt(0, ['a']), batchAt(1, ['b']))
  await (await rig.held()).answer(
    'lines',
    { partition: 0, records: two },
    { partition: 1, records: batchAt(0, ['c']) },
  )
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(2, ['d']) })
  const order = [polled(rig.fetcher, 1), polled(rig.fetcher, 1), polled(rig.fetcher, 1)]
  expect(order).toEqual([['lines-0: a → 1'], ['lines-0: b → 2'], ['lines-1: c → 1']])
  expect(polled(rig.fetcher, 1)).toEqual(['lines-0: d → 3'])
})

test('whoever got data is asked for last, so that none is starved by the fetch limit', async () => {
  const rig = await reading([0, 1, 2])
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  rig.fetcher.poll(1 << 20)
  await (await rig.held()).fail(new WireError('closed', 'gone', true))
  await rig.settle(2000)
  const { asked } = await rig.held()
  expect(asked).toEqual(['lines-1@0', 'lines-2@0', 'lines-0@1'])
})

test('a full buffer stops fetching until it is drained', async () => {
  const rig = await reading([0, 1], new FetchRig({ bufferBytesMax: 100 }))
  const full = { partition: 0, records: batchAt(0, ['x'.repeat(100)]) }
  await (await rig.held()).answer('lines', full, { partition: 1 })
  expect(rig.pending).toHaveLength(0)
  rig.fetcher.poll(1 << 20)
  expect((await rig.held()).asked).toEqual(['lines-1@0', 'lines-0@1'])
})

test('while a partition has enough buffered, others are fetched with a short wait', async () => {
  const rig = await reading([0, 1])
  for (const [offset, value] of ['a', 'b'].entries()) {
    const records = batchAt(offset, [value])
    await (await rig.held()).answer('lines', { partition: 0, records }, { partition: 1 })
  }
  const fetch = await rig.held()
  expect(fetch.asked).toEqual(['lines-1@0'])
  expect(fetch.request.maxWaitMs).toBe(10)
})

test('a partition paused with something buffered does not make others wait long', async () => {
  const rig = await reading([0, 1])
  const fetch = await rig.held()
  rig.fetcher.pause(lines(0))
  const records = batchAt(0, ['a'])
  await fetch.answer('lines', { partition: 0, records }, { partition: 1 })
  const next = await rig.held()
  expect([next.asked, next.request.maxWaitMs]).toEqual([['lines-1@0'], 10])
})

test('a partition paused with nothing buffered leaves the others their full wait', async () => {
  const rig = await reading([0, 1])
  const fetch = await rig.held()
  rig.fetcher.pause(lines(0))
  await fetch.answer('lines', { partition: 0 }, { partition: 1 })
  rig.fetcher.resume(lines(0))
  rig.fetcher.poll(1)
  rig.fetcher.pause(lines(0))
  await rig.settle()
  await (await rig.held()).answer('lines', { partition: 0 }, { partition: 1 })
  const next = await rig.held()
  expect(next.asked).toEqual(['lines-1@0'])
  expect(next.request.maxWaitMs).toBeGreaterThanOrEqual(100)
})

test('a paused partition keeps what was fetched and wakes nobody until it is resumed', async () => {
  const rig = await reading([0])
  const fetch = await rig.held()
  rig.fetcher.pause(lines(0))
  await fetch.answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  expect(polled(rig.fetcher)).toEqual([])
  const wait = rig.fetcher.wait(new AbortController().signal)
  expect(await isOver(rig, wait)).toBe(false)
  expect(rig.pending).toHaveLength(0)
  expect(rig.env.nextTimerMs).toBeUndefined()
  rig.fetcher.resume(lines(0))
  await wait
  expect(polled(rig.fetcher)).toEqual(['lines-0: a → 1'])
  expect((await rig.held()).asked).toEqual(['lines-0@1'])
})

test('a wait ends with data, with an abort, and with the fetcher', async () => {
  const rig = await reading([0])
  const abort = new AbortController()
  const aborted = rig.fetcher.wait(abort.signal)
  const woken = rig.fetcher.wait(new AbortController().signal)
  expect(await isOver(rig, aborted)).toBe(false)
  abort.abort()
  await aborted
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  await woken
  rig.fetcher.poll(1 << 20)
  const closed = rig.fetcher.wait(new AbortController().signal)
  await rig.fetcher.close()
  await closed
})

test('an answer for a position that was moved meanwhile is dropped', async () => {
  const rig = await reading([0])
  const fetch = await rig.held()
  rig.fetcher.assign(lines(0), 50)
  await fetch.answer('lines', { partition: 0, records: batchAt(0, ['old']) })
  expect(polled(rig.fetcher)).toEqual([])
  expect((await rig.held()).asked).toEqual(['lines-0@50'])
})

test('what was fetched for a removed partition is gone, and it is not asked for', async () => {
  const rig = await reading([0, 1])
  const records = batchAt(0, ['a'])
  await (await rig.held()).answer('lines', { partition: 0, records }, { partition: 1 })
  rig.fetcher.remove(lines(0))
  expect(polled(rig.fetcher)).toEqual(['lines-1:  → 0'])
  await (await rig.held()).answer('lines', { partition: 1, records: batchAt(0, ['b']) })
  expect((await rig.held()).asked).toEqual(['lines-1@1'])
})

test('records before the position are left out of the batch that holds it', async () => {
  const rig = new FetchRig()
  rig.fetcher.assign(lines(0), 2)
  await (await rig.held()).answer('lines', { partition: 0, records: batchAt(0, ['a', 'b', 'c']) })
  expect(polled(rig.fetcher)).toEqual(['lines-0: c → 3'])
})

test('topics without ids are fetched by name, with the version before', async () => {
  const rig = new FetchRig()
  rig.topicIds = false
  await reading([0], rig)
  const fetch = await rig.held()
  expect([fetch.version, fetch.request.topics[0]?.topic]).toEqual([12, 'lines'])
  await fetch.answer('lines', { partition: 0, records: batchAt(0, ['a']) })
  expect(polled(rig.fetcher)).toEqual(['lines-0: a → 1'])
})
