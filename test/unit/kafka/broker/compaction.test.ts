import { expect, test } from '@jest/globals'
import { readBatchHeaders } from '../../../../src/kafka/protocol/record-batch/index.ts'
import { batchOf, BrokerBench } from './broker-bench.ts'
import { read, write } from './records.ts'
import { TransactionalProducer } from './transactional-producer.ts'

function compactedBench(configs: Record<string, string> = {}) {
  const bench = new BrokerBench()
  bench.topic('counts', 1, { 'cleanup.policy': 'compact', ...configs })
  const compact = () => {
    const { cluster } = bench.broker
    const topic = cluster.topics.get('counts')
    cluster.nowMs = bench.now
    for (const { log } of topic?.partitions ?? []) if (topic) cluster.compact(topic, log)
  }
  return { bench, compact, values: (from = 0) => read(bench, 'counts', from).values() }
}

test('of each key the last record stays, with the offset that it had', () => {
  const { bench, compact, values } = compactedBench()
  write(bench, 'counts', batchOf(['a=1', 'b=1', 'c=1']))
  write(bench, 'counts', batchOf(['a=2', 'b=2']))
  write(bench, 'counts', batchOf(['a=3']))
  compact()
  expect(values()).toEqual(['2:1', '4:2', '5:3'])
  expect(write(bench, 'counts', batchOf(['d=1'])).baseOffset).toBe(6)
})

test('a batch covers the offsets it did before, so that readers go on behind it', () => {
  const { bench, compact } = compactedBench()
  write(bench, 'counts', batchOf(['a=1', 'b=1', 'a=2', 'a=3']))
  write(bench, 'counts', batchOf(['a=4']))
  compact()
  const records = read(bench, 'counts', 0).partition().records ?? new Uint8Array(0)
  const [header] = readBatchHeaders(records)
  expect(header).toMatchObject({ baseOffset: 0, lastOffset: 3, count: 1 })
})

test('a batch that nothing is left of is gone, and a fetch from inside it goes on behind', () => {
  const { bench, compact, values } = compactedBench()
  write(bench, 'counts', batchOf(['a=1', 'a=2']))
  write(bench, 'counts', batchOf(['a=3']))
  compact()
  expect(values(1)).toEqual(['2:3'])
})

test('the last batch of an idempotent producer stays, emptied', () => {
  const { bench, compact } = compactedBench()
  const about = { producerId: 7, producerEpoch: 0 }
  write(bench, 'counts', batchOf(['a=1'], { ...about, baseSequence: 0 }))
  write(bench, 'counts', batchOf(['a=2'], { ...about, baseSequence: 1 }))
  write(bench, 'counts', batchOf(['a=3']))
  compact()
  const records = read(bench, 'counts', 0).partition().records ?? new Uint8Array(0)
  const headers = readBatchHeaders(records).map(({ baseOffset, count }) => [baseOffset, count])
  expect(headers).toEqual([
    [1, 0],
    [2, 1],
  ])
  const again = batchOf(['a=2'], { ...about, baseSequence: 1 })
  expect(write(bench, 'counts', again)).toMatchObject({ errorCode: 0, baseOffset: 1 })
})

test('a tombstone stays for delete.retention.ms after the first cleaning, then goes', () => {
  const { bench, compact, values } = compactedBench({ 'delete.retention.ms': '1000' })
  write(bench, 'counts', batchOf(['a=1', 'b=1']))
  write(bench, 'counts', batchOf(['a=null']))
  compact()
  expect(values()).toEqual(['1:1', '2:null'])
  bench.pass(999)
  compact()
  expect(values()).toEqual(['1:1', '2:null'])
  bench.pass(1)
  compact()
  expect(values()).toEqual(['1:1'])
  expect(read(bench, 'counts', 0).partition().highWatermark).toBe(3)
})

test('what was aborted neither stays nor supersedes, and an open transaction is left alone', () => {
  const { bench, compact, values } = compactedBench()
  const producer = new TransactionalProducer(bench, 'p').initialise()
  write(bench, 'counts', batchOf(['a=1', 'b=1']))
  producer.send('counts', ['a=2'])
  producer.end(false)
  write(bench, 'counts', batchOf(['b=2']))
  producer.send('counts', ['b=3'])
  write(bench, 'counts', batchOf(['a=4']))
  compact()
  expect(values()).toEqual(['0:1', '3:abort', '4:2', '5:3', '6:4'])
})

test('a marker that goes takes its entry in the aborted index with it', () => {
  const { bench, compact } = compactedBench({ 'delete.retention.ms': '1000' })
  const producer = new TransactionalProducer(bench, 'p').initialise()
  producer.send('counts', ['a=1'])
  producer.end(false)
  producer.send('counts', ['a=2'])
  producer.end(true)
  compact()
  const fetched = () => read(bench, 'counts', 0, { committed: true })
  expect(fetched().aborted()).toEqual([`${producer.producerId}@0`])
  bench.pass(1_000)
  compact()
  expect(fetched().aborted()).toEqual([])
  expect(fetched().values()).toEqual(['2:2'])
})

test('records younger than min.compaction.lag.ms stay', () => {
  const { bench, compact, values } = compactedBench({ 'min.compaction.lag.ms': '500' })
  write(bench, 'counts', batchOf(['a=1'], { timestamp: bench.now }))
  write(bench, 'counts', batchOf(['a=2'], { timestamp: bench.now }))
  compact()
  expect(values()).toEqual(['0:1', '1:2'])
  bench.pass(500)
  compact()
  expect(values()).toEqual(['1:2'])
})

test('a log that is written over and over does not grow without end', () => {
  const { bench, values } = compactedBench()
  const value = 'x'.repeat(100_000)
  for (let i = 0; i < 300; i++) write(bench, 'counts', batchOf([`a=${value}${i}`]))
  const log = bench.broker.cluster.topics.get('counts')?.partitions[0]?.log
  expect(log?.sizeBytes).toBeLessThan(10_000_000)
  expect(values(299)).toEqual([`299:${value}299`])
})
