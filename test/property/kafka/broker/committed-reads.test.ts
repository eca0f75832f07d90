import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { fetch } from '../../../../src/kafka/protocol/messages/index.ts'
import {
  decodeBatch,
  decodeControl,
  readBatchHeaders,
} from '../../../../src/kafka/protocol/record-batch/index.ts'
import { batchOf, BrokerBench } from '../../../unit/kafka/broker/broker-bench.ts'
import { write } from '../../../unit/kafka/broker/records.ts'
import { TransactionalProducer } from '../../../unit/kafka/broker/transactional-producer.ts'

type Step = readonly [producer: number, does: 'send' | 'commit' | 'abort' | 'plain']

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.constantFrom('send' as const, 'send' as const, 'commit', 'abort', 'plain'),
  ),
  { maxLength: 60 },
)

/** Carries the steps out; answers the values that a read_committed reader has to see, in order. */
function carryOut(bench: BrokerBench, all: readonly Step[], protocol: 1 | 2): readonly string[] {
  const producers = [0, 1, 2].map((i) =>
    new TransactionalProducer(bench, `p${i}`, protocol).initialise(),
  )
  const open = new Map<number, string[]>()
  const written: string[] = []
  const aborted = new Set<string>()
  all.forEach(([index, does], step) => {
    const producer = producers[index]
    const value = `${does}-${step}`
    if (does === 'plain') {
      write(bench, 'lines', batchOf([value]))
      written.push(value)
    } else if (does === 'send') {
      expect(producer?.send('lines', [value])).toBe(0)
      written.push(value)
      open.set(index, [...(open.get(index) ?? []), value])
    } else if (open.has(index)) {
      expect(producer?.end(does === 'commit')).toBe(0)
      if (does === 'abort') for (const each of open.get(index) ?? []) aborted.add(each)
      open.delete(index)
    }
  })
  // Nothing at or behind the first record of an open transaction may be seen.
  const undecided = new Set([...open.values()].flat())
  const first = written.findIndex((value) => undecided.has(value))
  const stable = first < 0 ? written : written.slice(0, first)
  return stable.filter((value) => !aborted.has(value))
}

/** Reads to the end as the Java client does, filtering by the aborted list of each answer. */
function readCommitted(bench: BrokerBench, bytesMax: number): readonly string[] {
  const values: string[] = []
  for (let offset = 0; ; ) {
    const asked = { partition: 0, fetchOffset: offset, partitionMaxBytes: bytesMax }
    const topics = [{ topic: 'lines', partitions: [asked] }]
    const message = { maxWaitMs: 0, minBytes: 1, isolationLevel: 1, topics }
    const partition = bench.ask(fetch, 11, message).get().responses[0]?.partitions[0]
    const records = partition?.records ?? new Uint8Array(0)
    const headers = readBatchHeaders(records)
    if (headers.length === 0) return values
    const waiting = [...(partition?.abortedTransactions ?? [])]
    const active = new Set<number>()
    for (const header of headers) {
      for (const transaction of waiting) {
        if (transaction.firstOffset <= header.lastOffset) active.add(transaction.producerId)
      }
      const left = waiting.filter(({ firstOffset }) => firstOffset > header.lastOffset)
      waiting.splice(0, waiting.length, ...left)
      offset = header.lastOffset + 1
      if (header.isControl) {
        if (decodeControl(records, header).kind === 'abort') active.delete(header.producerId)
      } else if (!header.isTransactional || !active.has(header.producerId)) {
        const batch = decodeBatch(records, header, (_, bytes) => bytes)
        values.push(
          Buffer.from(batch.bytes.subarray(batch.valueStarts[0], batch.valueEnds[0])).toString(),
        )
      }
    }
  }
}

test('however transactions interleave, committed reads see exactly what committed', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(1 as const, 2 as const), (all, protocol) => {
      const bench = new BrokerBench()
      bench.topic('lines')
      const expected = carryOut(bench, all, protocol)
      for (const bytesMax of [1, 300, 1_000_000]) {
        expect(readCommitted(bench, bytesMax)).toEqual(expected)
      }
    }),
    { numRuns: 60 },
  )
})
