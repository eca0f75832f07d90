import { expect, test } from '@jest/globals'
import { monotonous, string, topology } from '../../../src/index.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { createTask } from '../../../src/task/create-task.ts'
import { decodeTimes } from '../../../src/time/position-metadata.ts'
import { MemoryOutput } from '../../../src/testing/driver/memory-output.ts'
import { batchOf } from '../../../src/testing/driver/record-log.ts'
import { position, TaskBench } from '../../support/task-bench.ts'

const merged = planTopology(
  topology('test', (t) => {
    const left = t.stream('left', { value: string, watermark: monotonous() })
    left.merge(t.stream('right', { value: string, watermark: monotonous() })).to('out')
  }),
)

function at(...timestamps: readonly number[]) {
  return timestamps.map((timestamp) => ({ value: `${timestamp}`, timestamp }))
}

function values(bench: TaskBench): readonly string[] {
  return bench.read('out').map(([, value]) => value)
}

test('records of several inputs are processed in the order of their timestamps', () => {
  const bench = new TaskBench(merged, 0).start()
  bench.send('left', ...at(1, 4, 5))
  bench.send('right', ...at(2, 3, 6))
  bench.run()
  expect(values(bench)).toEqual(['1', '2', '3', '4', '5', '6'])
})

test('an input whose end is not known, or that has more to fetch, is waited for', () => {
  const bench = new TaskBench(merged, 0).start()
  bench.send('left', ...at(5))
  expect(bench.run()).toBe(0)
  const right = { topic: 'right', partition: 0 }
  bench.append('right', ...at(3))
  bench.task.seeEnd(right, 1)
  expect(bench.run()).toBe(0)
  bench.fetch('right', 0)
  expect(bench.run()).toBe(2)
  expect(values(bench)).toEqual(['3', '5'])
})

test('an input that is read to its end is not waited for', () => {
  const bench = new TaskBench(merged, 0).start()
  bench.send('left', ...at(5))
  bench.task.seeEnd({ topic: 'right', partition: 0 }, 0)
  expect(bench.run()).toBe(1)
})

test('process stops at its bound and goes on from there', () => {
  const bench = new TaskBench(merged, 0).start()
  bench.send('left', ...at(1, 3))
  bench.send('right', ...at(2))
  expect(bench.task.process(2, 0)).toBe(2)
  expect(values(bench)).toEqual(['1', '2'])
  expect(bench.task.process(2, 0)).toBe(1)
})

test('a position is the next unprocessed record; behind the last, where reading goes on', () => {
  const bench = new TaskBench(merged, 0).start([position('left', 0, 40), position('right', 0)])
  const left = { topic: 'left', partition: 0 }
  const record = (offset: number) => ({
    offset,
    timestamp: offset,
    key: null,
    value: new Uint8Array(1),
    headers: [],
  })
  // Offsets 41 and 43 to 49 were compacted away, or hold control records.
  bench.task.offer(left, [batchOf([record(40), record(42)], 40)], 50, 7)
  bench.task.seeEnd(left, 50)
  bench.task.seeEnd({ topic: 'right', partition: 0 }, 0)
  expect(bench.task.dirty).toBe(false)
  bench.task.process(1, 0)
  expect(bench.task.dirty).toBe(true)
  expect(bench.cut().positions[0]).toMatchObject({ offset: 42, leaderEpoch: 0 })
  bench.task.process(1, 0)
  expect(bench.cut().positions[0]).toMatchObject({ offset: 50, leaderEpoch: 7 })
  expect(bench.task.dirty).toBe(false)
})

test('records before the position are left out of a batch that begins before it', () => {
  const bench = new TaskBench(merged, 0).start([position('left', 0, 2), position('right', 0)])
  bench.append('left', ...at(1, 2, 3))
  bench.fetch('left', 0)
  bench.task.seeEnd({ topic: 'right', partition: 0 }, 0)
  bench.run()
  expect(values(bench)).toEqual(['3'])
})

test('bytes queued rise with what is offered and fall with what is processed', () => {
  const bench = new TaskBench(merged, 0).start()
  const left = { topic: 'left', partition: 0 }
  bench.task.seeEnd({ topic: 'right', partition: 0 }, 0)
  bench.send('left', ...at(100, 101))
  expect(bench.task.queuedBytes(left)).toBe(6)
  bench.run()
  // A batch is let go when the record after it is looked for.
  expect(bench.task.queuedBytes(left)).toBe(0)
})

test('times are committed with the position and restored from it', () => {
  const bench = new TaskBench(merged, 0).start()
  bench.send('left', ...at(5))
  bench.send('right', ...at(9))
  bench.run()
  const positions = bench.commit()
  const [left] = positions
  expect(decodeTimes(left?.metadata ?? '')).toMatchObject({ streamTime: 5, watermark: 4 })
  const next = new TaskBench(merged, 0, { output: bench.output }).start(positions)
  expect(next.task.watermark).toBe(4)
  expect(next.task.streamTime).toBe(9)
})

test('metadata of an unknown version is ignored and counted', () => {
  const bench = new TaskBench(merged, 0)
  bench.start([{ ...position('left', 0), metadata: btoa('\x7f') }, position('right', 0)])
  expect(bench.task.counters.metadataIgnored).toBe(1)
  expect(bench.task.dirty).toBe(false)
})

test('a restart does not take the watermark back where a partition that was idle is behind', () => {
  const options = { value: string, watermark: monotonous(), idleAfter: '1s' } as const
  const plan = planTopology(topology('test', (t) => t.stream(['left', 'right'], options).to('out')))
  const bench = new TaskBench(plan, 0).start()
  bench.send('left', ...at(10))
  bench.send('right', ...at(100))
  bench.task.advance(0)
  bench.run()
  bench.task.advance(0)
  expect(bench.task.watermark).toBe(9)
  bench.task.seeEnd({ topic: 'left', partition: 0 }, 1)
  bench.task.seeEnd({ topic: 'right', partition: 0 }, 2)
  bench.task.advance(2_000)
  expect(bench.task.watermark).toBe(99)
  const again = new TaskBench(plan, 0, { output: bench.output }).start(bench.commit())
  expect(again.task.watermark).toBe(99)
})

test('phases follow their table', () => {
  const bench = new TaskBench(merged, 0)
  expect(bench.task.phase).toBe('created')
  expect(() => bench.task.start([], 0)).toThrow('a task does not go from created to running')
  bench.start()
  expect(bench.task.phase).toBe('running')
  bench.task.rollback()
  expect(bench.task.phase).toBe('suspended')
  bench.task.start([position('left', 0), position('right', 0)], 0)
  bench.task.close()
  expect(bench.task.phase).toBe('closed')
  expect(() => bench.task.restoreNeeds([])).toThrow('INVARIANT_BROKEN')
})

test('a task has only the inputs that exist, by the counts that it is given', () => {
  const subTopology = merged.subTopologies[0]
  if (subTopology === undefined) throw new Error('no sub-topology')
  const counts = new Map([
    ['left', 4],
    ['right', 2],
  ])
  const tasks = [1, 2].map((partition) =>
    createTask({
      plan: merged,
      subTopology,
      partition,
      // This worker has seen fewer partitions than the group goes by.
      output: new MemoryOutput(() => 1),
      partitionsOf: (topic) => counts.get(topic) ?? 0,
    }),
  )
  expect(tasks.map(({ inputs }) => inputs)).toEqual([
    [
      { topic: 'left', partition: 1 },
      { topic: 'right', partition: 1 },
    ],
    [{ topic: 'left', partition: 2 }],
  ])
})
