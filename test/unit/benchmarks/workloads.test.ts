import { expect, test } from '@jest/globals'
import {
  eventRecords,
  type InputRecord,
  events,
  type LoadShape,
  outOfOrderMs,
} from '../../../benchmarks/load/events.ts'
import { keyOf } from '../../../benchmarks/load/keys.ts'
import { keyDraw, seeded } from '../../../benchmarks/load/random.ts'
import { count } from '../../../benchmarks/workloads/count.ts'
import { forward } from '../../../benchmarks/workloads/forward.ts'
import { workloadNamed } from '../../../benchmarks/workloads/index.ts'
import { passthrough } from '../../../benchmarks/workloads/passthrough.ts'
import { streamJoin } from '../../../benchmarks/workloads/stream-join.ts'
import { tableJoin } from '../../../benchmarks/workloads/table-join.ts'
import { windowMs, windows } from '../../../benchmarks/workloads/windows.ts'
import type { OutputRecord, Workload } from '../../../benchmarks/workloads/workload.ts'
import { murmur2, partitionOfHash } from '../../../src/model/murmur2.ts'

const partitions = 4
const firstQuery = workloadNamed('nexmark-q0')
const shape: LoadShape = {
  records: 2_000,
  keys: 50,
  skew: 'uniform',
  valueBytes: 100,
  format: 'json',
  eventRate: 1_000,
}

function verdictOf(workload: Workload, output: Iterable<OutputRecord>): string | undefined {
  const expectation = workload.expectation(shape, partitions)
  for (const record of output) expectation.take(record)
  return expectation.verdict()
}

function* forwarded(): Generator<OutputRecord> {
  for (const { key, value, timestamp } of eventRecords(shape)) {
    const partition = partitionOfHash(murmur2(key, 0, key.length), partitions)
    yield { partition, key, value: value ?? new Uint8Array(0), timestamp }
  }
}

function* changed(): Generator<OutputRecord> {
  for (const record of forwarded()) {
    const event = JSON.parse(Buffer.from(record.value).toString())
    if (event.amount < 1_000) continue
    const value = Buffer.from(JSON.stringify({ ...event, amount: event.amount * 2 }))
    yield { ...record, value }
  }
}

function* counted(): Generator<OutputRecord> {
  const counts = new Map<number, number>()
  for (const record of forwarded()) {
    const now = (counts.get(keyOf(record.key)) ?? 0) + 1
    counts.set(keyOf(record.key), now)
    yield { ...record, value: long(now) }
  }
}

function* windowed(): Generator<OutputRecord> {
  const counts = new Map<string, number>()
  for (const record of forwarded()) {
    const { user } = JSON.parse(Buffer.from(record.value).toString())
    const start = Math.floor(record.timestamp / windowMs) * windowMs
    const now = (counts.get(`${user} ${start}`) ?? 0) + 1
    counts.set(`${user} ${start}`, now)
    const key = Buffer.concat([Buffer.from(user), long(start)])
    yield { ...record, key, value: long(now) }
  }
}

function long(number: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(number))
  return bytes
}

/** Joins as they are defined, by looking at everything. */
function* joinedWithTable(): Generator<OutputRecord> {
  const tiers = new Map<string, number>()
  const [, table] = tableJoin.inputs(shape)
  for (const { key, value } of table?.records() ?? []) {
    tiers.set(String(key), JSON.parse(String(Buffer.from(value ?? []))).tier)
  }
  for (const record of forwarded()) {
    const { id, amount } = JSON.parse(Buffer.from(record.value).toString())
    const tier = tiers.get(String(record.key))
    yield { ...record, value: Buffer.from(JSON.stringify({ id, amount, tier })) }
  }
}

function* joinedStreams(): Generator<OutputRecord> {
  const [left, right] = streamJoin.inputs(shape)
  const parsed = (records: Iterable<InputRecord> = []) =>
    Array.from(records, ({ key, value, timestamp }) => {
      const side: { id: number; amount: number } = JSON.parse(Buffer.from(value ?? []).toString())
      return { key, timestamp, ...side }
    })
  const lefts = new Map(parsed(left?.records()).map((one) => [String(one.key), one]))
  for (const other of parsed(right?.records())) {
    const one = lefts.get(String(other.key))
    if (one === undefined || Math.abs(one.timestamp - other.timestamp) > 5_000) continue
    const both = { left: one.id, right: other.id, amount: one.amount + other.amount }
    const value = Buffer.from(JSON.stringify(both))
    yield { partition: 0, key: other.key, value, timestamp: other.timestamp }
  }
}

function* bids(): Generator<OutputRecord> {
  const [input] = firstQuery.inputs(shape)
  for (const { key, value, timestamp } of input?.records() ?? []) {
    const { kind, channel: _, ...answer } = JSON.parse(Buffer.from(value ?? []).toString())
    if (kind !== 'bid') continue
    const partition = partitionOfHash(murmur2(key, 0, key.length), partitions)
    yield { partition, key, value: Buffer.from(JSON.stringify(answer)), timestamp }
  }
}

const rightOutputs = [
  { workload: forward, output: forwarded },
  { workload: passthrough, output: changed },
  { workload: count, output: counted },
  { workload: windows, output: windowed },
  { workload: tableJoin, output: joinedWithTable },
  { workload: streamJoin, output: joinedStreams },
  { workload: firstQuery, output: bids },
]

test.each(rightOutputs)('the right output of $workload.name has nothing wrong with it', (row) => {
  expect(verdictOf(row.workload, row.output())).toBeUndefined()
})

test.each(rightOutputs)(
  'a lost, a repeated and a changed record of $workload.name are found',
  (row) => {
    const right = Array.from(row.output())
    const other = { ...(right[7] as OutputRecord), value: new Uint8Array(8) }
    expect(verdictOf(row.workload, right.toSpliced(7, 1))).toBeDefined()
    expect(verdictOf(row.workload, right.toSpliced(7, 0, right[7] as OutputRecord))).toBeDefined()
    expect(verdictOf(row.workload, right.toSpliced(7, 1, other))).toBeDefined()
  },
)

test('events come out of order by no more than they say, and are the same each time', () => {
  let latest = 0
  let lateMs = 0
  for (const { timestamp } of events(shape)) {
    latest = Math.max(latest, timestamp)
    lateMs = Math.max(lateMs, latest - timestamp)
  }
  expect(lateMs).toBeGreaterThan(0)
  expect(lateMs).toBeLessThanOrEqual(outOfOrderMs)
  expect(Array.from(eventRecords(shape))).toEqual(Array.from(eventRecords(shape)))
})

test('by the law of Zipf the first key is drawn about twice as often as the second', () => {
  const draw = keyDraw(1_000, 1, seeded(1))
  const drawn = Array.from({ length: 20_000 }, draw)
  const times = (key: number) => drawn.filter((one) => one === key).length
  expect(times(0) / times(1)).toBeGreaterThan(1.7)
  expect(times(0) / times(1)).toBeLessThan(2.3)
  expect(Math.max(...drawn)).toBeLessThan(1_000)
})
