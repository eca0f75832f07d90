import { expect, test } from '@jest/globals'
import {
  boundedOutOfOrderness,
  hopping,
  json,
  monotonous,
  string,
  topology,
  tumbling,
  type Windowed,
  windowed,
} from '../../../src/index.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'
import type { WindowOptions } from '../../../src/topology/options.ts'
import type { TimeWindows } from '../../../src/topology/windows.ts'
import { TaskBench } from '../../support/task-bench.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

const source = { value: string, watermark: monotonous() } as const

const counting = (windows: TimeWindows, options: WindowOptions = {}) =>
  driverOf((t) => {
    t.stream('in', source).groupByKey().windowedBy(windows, options).count('counts').to('out')
  })

/** `a@10 2`: the key, the start of the window and the count. */
function shown(driver: TopologyTestDriver): readonly string[] {
  const out = driver.output<Windowed<string>>('out')
  return out.readAll().map(({ key, value }) => `${key?.key}@${key?.start} ${String(value)}`)
}

function send(driver: TopologyTestDriver, ...records: readonly (readonly [string, number])[]) {
  const input = driver.input<string, string>('in')
  for (const [key, timestamp] of records) input.send({ key, value: '', timestamp })
}

test('each change of a window goes out under its key, start and end, at its highest time', () => {
  const driver = counting(tumbling('10ms'), { grace: '100ms' })
  send(driver, ['a', 3], ['a', 9], ['b', 10], ['a', 5], ['a', 10])
  const out = driver.output<Windowed<string>, number>('out')
  expect(out.readAll().map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
    [{ key: 'a', start: 0, end: 10 }, 1, 3],
    [{ key: 'a', start: 0, end: 10 }, 2, 9],
    [{ key: 'b', start: 10, end: 20 }, 1, 10],
    [{ key: 'a', start: 0, end: 10 }, 3, 9],
    [{ key: 'a', start: 10, end: 20 }, 1, 10],
  ])
})

test('a record is in every hopping window that has its time, the first one first', () => {
  const driver = counting(hopping('10ms', '5ms'))
  send(driver, ['a', 3], ['a', 12])
  expect(shown(driver)).toEqual(['a@0 1', 'a@5 1', 'a@10 1'])
})

test('a window takes records until the watermark is its end plus grace, less 1', () => {
  const driver = counting(tumbling('10ms'), { grace: '5ms' })
  // The watermark is behind the highest timestamp by 1: 15 closes [0, 10), as in Kafka Streams.
  send(driver, ['x', 14], ['a', 9], ['x', 15], ['a', 9], ['a', 14])
  expect(shown(driver)).toEqual(['x@10 1', 'a@0 1', 'x@10 2', 'a@10 1'])
})

test('late records are counted, once each, and only where none of their windows takes them', () => {
  const plan = planTopology(
    topology('test', (t) => {
      const windows = hopping('10ms', '5ms')
      t.stream('in', source).groupByKey().windowedBy(windows).count('counts').to('out')
    }),
  )
  const bench = new TaskBench(plan, 0).start()
  const times = [18, 7, 12, 1, 2]
  bench.send('in', ...times.map((timestamp) => ({ key: 'a', value: '', timestamp })))
  bench.run()
  // 7 is too late for [0, 10) and [5, 15); 12 only for [5, 15).
  expect(bench.task.counters).toMatchObject({ late: 3, dropped: 0, processed: 5 })
  expect(bench.output.open('out', 0).end).toBe(2 + 1)
})

test('a window without grace is final when its end is reached, each key once, in its time', () => {
  const driver = counting(tumbling('10ms'), { emit: 'final' })
  send(driver, ['a', 1], ['b', 9], ['a', 4])
  driver.commit()
  expect(shown(driver)).toEqual([])
  send(driver, ['c', 10], ['c', 11])
  driver.commit()
  const out = driver.output<Windowed<string>, number>('out').readAll()
  expect(out.map(({ key, value, timestamp }) => [key?.key, value, timestamp])).toEqual([
    ['a', 2, 4],
    ['b', 1, 9],
  ])
  send(driver, ['a', 5])
  driver.advanceWatermark(19)
  expect(shown(driver)).toEqual(['c@10 2'])
  expect(driver.store('counts').entries()).toEqual([])
})

test('a final result is told once, through crashes before and after its window closes', () => {
  const driver = counting(tumbling('10ms'), { emit: 'final' })
  send(driver, ['a', 1], ['b', 2])
  driver.commit()
  send(driver, ['a', 3])
  driver.crash()
  send(driver, ['x', 12])
  driver.advanceWatermark(11)
  driver.crash()
  send(driver, ['a', 4], ['x', 13])
  driver.commit()
  expect(shown(driver)).toEqual(['a@0 2', 'b@0 1'])
  expect(driver.store('counts').entries()).toEqual([[{ key: 'x', start: 10, end: 20 }, 2]])
})

test('emit commit tells the last value of each key and window of an epoch', () => {
  const driver = counting(tumbling('10ms'), { emit: 'commit' })
  send(driver, ['a', 1], ['a', 2], ['b', 3], ['a', 12])
  expect(shown(driver)).toEqual([])
  driver.commit()
  expect(shown(driver)).toEqual(['a@0 2', 'b@0 1', 'a@10 1'])
})

test('windows that follow windows count what those told when they closed', () => {
  const driver = driverOf((t) => {
    const windows = tumbling('10ms')
    const first = t.stream('in', source).groupByKey().windowedBy(windows, { emit: 'final' })
    first
      .count('first')
      .toStream()
      .groupByKey()
      .windowedBy(tumbling('20ms'), { emit: 'final' })
      .count('second')
      .to('out')
  })
  send(driver, ['a', 1], ['a', 12], ['a', 13], ['a', 40])
  driver.commit()
  const out = driver.output<Windowed<Windowed<string>>, number>('out').readAll()
  expect(out.map(({ key, value }) => [key?.key.start, key?.start, value])).toEqual([
    [0, 0, 1],
    [10, 0, 1],
  ])
})

test('windows behind a table that tells at commit close behind what it tells', () => {
  const plan = planTopology(
    topology('test', (t) => {
      const keyed = t.stream('in', source).groupByKey()
      const last = keyed.reduce('last', (_, value) => value, { emit: 'commit' })
      const windows = last.toStream().groupByKey().windowedBy(tumbling('10ms'), { emit: 'final' })
      windows.count('counts').to('out')
    }),
  )
  const bench = new TaskBench(plan, 0).start()
  const at = (key: string, timestamp: number) => ({ key, value: '', timestamp })
  bench.send('in', at('a', 1), at('a', 2), at('b', 3), at('c', 50))
  bench.run()
  bench.commit()
  expect(bench.task.counters.late).toBe(0)
  expect(bench.output.open('out', 0).end).toBe(2)
  expect(bench.task.dirty).toBe(false)
  bench.task.raiseWatermark(60)
  expect(bench.task.dirty).toBe(true)
  bench.commit()
  expect(bench.output.open('out', 0).end).toBe(3)
})

test('reduce gives each window an aggregate of its own, also where it is changed in place', () => {
  const driver = driverOf((t) => {
    t.stream('in', { value: json<{ n: number }>(), watermark: monotonous() })
      .groupByKey()
      .windowedBy(hopping('10ms', '5ms'))
      .reduce('sums', (sum, { n }) => {
        sum.n += n
        return sum
      })
      .to('out')
  })
  driver
    .input('in')
    .send(
      { key: 'a', value: { n: 1 }, timestamp: 7 },
      { key: 'a', value: { n: 2 }, timestamp: 8 },
      { key: 'a', value: { n: 4 }, timestamp: 12 },
    )
  expect(driver.store('sums').entries()).toEqual([
    [{ key: 'a', start: 0, end: 10 }, { n: 3 }],
    [{ key: 'a', start: 5, end: 15 }, { n: 7 }],
    [{ key: 'a', start: 10, end: 20 }, { n: 4 }],
  ])
})

test('aggregate sees the key itself, and a function that throws meets the policy', () => {
  const driver = driverOf((t) => {
    t.stream('in', source)
      .groupByKey()
      .windowedBy(tumbling('10ms'))
      .aggregate('lists', {
        init: (): string[] => [],
        add(list, value, key) {
          list.push(`${key}${value}`)
          if (value === 'bad') throw new Error('no')
          return list
        },
        value: json<string[]>(),
        onError: 'skip',
      })
  })
  const at = (value: string) => ({ key: 'k', value, timestamp: 1 })
  driver.input('in').send(at('1'), at('bad'), at('2'))
  expect(driver.store('lists').entries()).toEqual([[{ key: 'k', start: 0, end: 10 }, ['k1', 'k2']]])
})

test('records without a key or a value are left out, as in other aggregations', () => {
  const driver = counting(tumbling('10ms'))
  driver.input('in').send({ key: 'a', timestamp: 1 }, { value: 'x', timestamp: 1 })
  expect(shown(driver)).toEqual([])
})

test('keys are Kafka Streams’ time-windowed ones, in the partition of the key alone', () => {
  const made = topology('test', (t) => {
    const keyed = t.stream('in', source).groupByKey()
    keyed
      .windowedBy(tumbling('10ms', { offset: 3 }))
      .count('counts')
      .to('out')
    t.stream('back', { key: windowed(string, '10ms'), value: string }).to('again')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'ab', value: '', timestamp: 259 })
  const [record] = driver.output<Uint8Array>('out').readAll()
  expect(record?.key).toEqual({ key: 'ab', start: 253, end: 263 })
  const serde = windowed(string, '10ms')
  const bytes = serde.serialize({ key: 'ab', start: 253, end: 263 })
  expect([...bytes]).toEqual([97, 98, 0, 0, 0, 0, 0, 0, 0, 253])
  expect(serde.deserialize(bytes)).toEqual({ key: 'ab', start: 253, end: 263 })
  expect(serde.keySuffixBytes).toBe(8)
  expect(() => serde.deserialize(bytes.subarray(3))).toThrow('DESERIALIZATION_FAILED')
})

test('a changelog of windows is compacted and purged, never expired by the age of events', () => {
  const made = planTopology(
    topology('test', (t) => {
      const keyed = t.stream('in', source).groupByKey()
      keyed.windowedBy(tumbling('10s'), { grace: '5s' }).count('counts')
    }),
  )
  expect(made.internalTopics).toEqual([
    {
      kind: 'changelog',
      name: 'test-counts-changelog',
      store: 'counts',
      subTopology: 0,
      configs: {
        'cleanup.policy': 'compact,delete',
        'message.timestamp.type': 'CreateTime',
        'retention.ms': '-1',
      },
    },
  ])
})

test('a window that no watermark would ever close is refused', () => {
  expect(() =>
    topology('test', (t) => {
      t.stream('in').groupByKey().windowedBy(tumbling('10s'))
    }),
  ).toThrow('NO_EVENT_TIME')
})

test('a bound for records out of order holds windows open as long', () => {
  const driver = driverOf((t) => {
    t.stream('in', { value: string, watermark: boundedOutOfOrderness('100ms') })
      .groupBy('by', (_, key) => key, { key: string })
      .windowedBy(tumbling('10ms'), { emit: 'final' })
      .count('counts')
      .to('out')
  })
  send(driver, ['a', 1], ['b', 100], ['a', 2])
  driver.commit()
  expect(shown(driver)).toEqual([])
  send(driver, ['b', 110])
  driver.commit()
  expect(shown(driver)).toEqual(['a@0 2'])
})

test('sizes and advances that make no windows are refused', () => {
  expect(() => tumbling(0)).toThrow('write whole ones, from 1')
  expect(() => hopping('5s', '10s')).toThrow('records between two windows would be in none')
  expect(() => tumbling('5s', { offset: '5s' })).toThrow('shorter than the windows')
})
