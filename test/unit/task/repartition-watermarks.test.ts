import { expect, test } from '@jest/globals'
import { boundedOutOfOrderness, string, topology } from '../../../src/index.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { MemoryOutput } from '../../../src/testing/driver/memory-output.ts'
import { watermarkHeader } from '../../../src/time/watermark-record.ts'
import { TaskBench } from '../../support/task-bench.ts'

const repartition = 'test-by-value-repartition'
const plan = planTopology(
  topology('test', (t) => {
    t.stream('in', { value: string, watermark: boundedOutOfOrderness(10), idleAfter: 1000 })
      .groupBy('by-value', (value) => value, { key: string })
      .count('counts')
      .to('out')
  }),
)

/** Two tasks that write the repartition topic, and one that reads its partition 0. */
function setUp() {
  const output = new MemoryOutput(() => 2)
  const producers = [0, 1].map((partition) => new TaskBench(plan, 0, { output, partition }).start())
  const consumer = new TaskBench(plan, 1, { output }).start()
  const [first, second] = producers
  if (first === undefined || second === undefined) throw new Error('two producers')
  let read = 0
  return {
    output,
    first,
    second,
    consumer,
    /** The consumer reads what is new. */
    flow: () => {
      consumer.fetch(repartition, read)
      read = output.open(repartition, 0).end
      consumer.run()
    },
  }
}

test('a cut tells the watermark to every partition of the repartition topic, once', () => {
  const { output, first } = setUp()
  first.send('in', { value: 'a', timestamp: 100 })
  first.run()
  first.commit()
  first.commit()
  for (const partition of [0, 1]) {
    const told = output
      .open(repartition, partition)
      .records.filter(({ headers }) => headers[0]?.key === watermarkHeader)
    expect(told).toHaveLength(1)
    expect(told[0]?.key).toBeNull()
  }
})

test('the reader of a repartition topic has the lowest watermark of its producing tasks', () => {
  const { first, second, consumer, flow } = setUp()
  first.send('in', { value: 'a', timestamp: 100 })
  first.run()
  first.commit()
  flow()
  expect(consumer.task.watermark).toBeUndefined()
  second.send('in', { value: 'a', timestamp: 60 })
  second.run()
  second.commit()
  flow()
  expect(consumer.task.watermark).toBe(49)
  expect(consumer.task.counters.dropped).toBe(0)
})

test('a producing task that becomes idle says so, and no longer holds its readers back', () => {
  const { first, second, consumer, flow } = setUp()
  first.send('in', { value: 'a', timestamp: 100 })
  first.run()
  first.commit()
  second.task.seeEnd({ topic: 'in', partition: 1 }, 0)
  second.task.advance(0)
  expect(second.task.dirty).toBe(false)
  second.task.advance(1000)
  expect(second.task.dirty).toBe(true)
  second.commit()
  flow()
  expect(consumer.task.watermark).toBe(89)
})

test('what producers told survives a restart of the reader in the metadata of its position', () => {
  const { output, first, second, consumer, flow } = setUp()
  for (const bench of [first, second]) {
    bench.send('in', { value: 'a', timestamp: 100 })
    bench.run()
    bench.commit()
  }
  flow()
  const positions = consumer.commit()
  const next = new TaskBench(plan, 1, { output }).start(positions)
  expect(next.task.watermark).toBe(89)
  first.send('in', { value: 'b', timestamp: 200 })
  first.run()
  first.commit()
  const log = output.open(repartition, 0)
  next.fetch(repartition, positions[0]?.offset ?? 0)
  next.run()
  expect(log.end).toBeGreaterThan(positions[0]?.offset ?? 0)
  expect(next.task.watermark).toBe(89)
})

test('a watermark that was read in a dropped epoch is forgotten with it', () => {
  const { first, second, consumer, flow } = setUp()
  const positions = consumer.commit()
  for (const bench of [first, second]) {
    bench.send('in', { value: 'a', timestamp: 100 })
    bench.run()
    bench.commit()
  }
  flow()
  expect(consumer.task.watermark).toBe(89)
  consumer.task.rollback()
  consumer.task.start(positions, 0)
  expect(consumer.task.watermark).toBeUndefined()
})

test("a user's header of that name does not make a record a watermark", () => {
  const { first, consumer, flow } = setUp()
  const headers = [{ key: watermarkHeader, value: Uint8Array.of(1) }]
  first.send('in', { key: null, value: 'a', timestamp: 100, headers })
  first.run()
  flow()
  expect(consumer.task.counters.processed).toBeLessThanOrEqual(1)
  const partitions = [0, 1].map((partition) => first.output.open(repartition, partition).records)
  expect(partitions.flat()).toHaveLength(1)
  expect(partitions.flat()[0]?.headers).toEqual([])
})
