import { expect, test } from '@jest/globals'
import { type ErrorPolicy, type SinkOptions, string, topology } from '../../../src/index.ts'
import { describe } from '../../../src/plan/describe.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import { MemoryOutput } from '../../../src/testing/driver/memory-output.ts'
import { TaskBench } from '../../support/task-bench.ts'

const partitions = 4

/** What lands in which of the four partitions of the topic `out`. */
function spread(options: SinkOptions<string, string>, ...values: readonly string[]) {
  const plan = planTopology(
    topology('spread', (t) => t.stream('lines', { value: string }).to('out', options)),
  )
  const output = new MemoryOutput((topic) => (topic === 'out' ? partitions : 1))
  const bench = new TaskBench(plan, 0, { output }).start()
  bench.send('lines', ...values.map((value) => ({ key: 'k', value })))
  bench.run()
  const written = Array.from({ length: partitions }, (_, partition) =>
    bench.read('out', partition).map(([, value]) => value),
  )
  return { written, losses: bench.task.losses() }
}

/** Lines to the topic that they begin with. */
function routed(onError: ErrorPolicy) {
  const made = topology('routed', (t) => {
    t.stream('lines', { value: string }).to(
      (line) => {
        if (line === '') throw new RangeError('an empty line')
        return line.startsWith('a') ? 'a-lines' : line.startsWith('b') ? 'b-lines' : 'c-lines'
      },
      // As JavaScript would: the function also answers what is not among them.
      { topics: ['a-lines', 'b-lines'] as readonly string[], onError },
    )
  })
  return { made, driver: new TopologyTestDriver(made) }
}

test('a partitioner sends a record to one partition, to several, to none, or by its key', () => {
  const partitioner = (value: string) => {
    if (value === 'one') return 2
    if (value === 'several') return [3, 0, 3]
    return value === 'none' ? [] : undefined
  }
  const { written, losses } = spread({ partitioner }, 'one', 'several', 'none', 'by key')
  const byKey = spread({}, 'by key').written.findIndex((values) => values.length > 0)
  const expected = [['several'], [], ['one'], ['several']]
  expected[byKey]?.push('by key')
  expect(written).toEqual(expected)
  expect(losses).toEqual([{ node: 'to-out', skipped: 0, deadLettered: 0, dropped: 1, late: 0 }])
})

test.each([4, -1, 1.5])('a record for partition %p among others goes nowhere', (wrong) => {
  const partitioner = (value: string) => (value === 'wrong' ? [0, wrong] : 1)
  expect(() => spread({ partitioner }, 'wrong')).toThrow('INVALID_PARTITION')
  const { written, losses } = spread({ partitioner, onError: 'skip' }, 'wrong', 'right')
  expect(written).toEqual([[], ['right'], [], []])
  expect(losses).toMatchObject([{ node: 'to-out', skipped: 1 }])
})

test('a repartition topic takes each record once', () => {
  const both = () => [0, 1] as unknown as number
  const made = topology('twice', (t) => {
    t.stream('lines', { value: string }).repartition('again', { partitioner: both }).to('out')
  })
  const driver = new TopologyTestDriver(made)
  expect(() => driver.input('lines').send({ key: 'k', value: 'v' })).toThrow('INVALID_PARTITION')
})

test('each record goes to the topic that the function names for it', () => {
  const { driver } = routed('fail')
  driver.input('lines').send({ value: 'apple' }, { value: 'bread' }, { value: 'ale' })
  expect(
    driver
      .output('a-lines')
      .readAll()
      .map(({ value }) => value),
  ).toEqual(['apple', 'ale'])
  expect(
    driver
      .output('b-lines')
      .readAll()
      .map(({ value }) => value),
  ).toEqual(['bread'])
})

test('a topic that was not declared meets the error policy, as a function that throws does', () => {
  const { driver } = routed('fail')
  expect(() => driver.input('lines').send({ value: 'cake' })).toThrow(
    'TOPIC_NOT_DECLARED: a sink chose a topic that it does not declare: "c-lines" is none of ' +
      'a-lines, b-lines',
  )
  expect(() => routed('fail').driver.input('lines').send({ value: '' })).toThrow(
    'USER_FUNCTION_FAILED',
  )
  const { driver: burying } = routed({ deadLetter: 'dead' })
  burying.input('lines').send({ value: 'cake' }, { value: '' }, { value: 'beer' })
  expect(burying.output('dead', { key: string, value: string }).readKeyValues()).toEqual([
    [null, 'cake'],
    [null, ''],
  ])
  expect(burying.output('b-lines').readKeyValues()).toEqual([[null, 'beer']])
})

test('declared topics are part of the plan and of its drawings', () => {
  const { made } = routed('fail')
  expect(planTopology(made).subTopologies[0]?.sinkTopics).toEqual(['a-lines', 'b-lines'])
  expect(describe(made)).toContain('writes a-lines or b-lines')
})

test('a function without declared topics is refused', () => {
  const undeclared = (topics: unknown) => () =>
    topology('undeclared', (t) => {
      // @ts-expect-error: as JavaScript may call it
      t.stream('lines', { value: string }).to((line) => line, { topics })
    })
  expect(undeclared(undefined)).toThrow('INVALID_ARGUMENT')
  expect(undeclared([])).toThrow("to(fn, { topics: ['a', 'b'] })")
  expect(undeclared(['no topic'])).toThrow('INVALID_TOPIC')
})

test('headers of a sink stand in place of those of its records', () => {
  const made = topology('headers', (t) => {
    const lines = t.stream('lines', { value: string })
    lines.to('as-they-are')
    lines.to('marked', {
      headers: (value, _key, { headers }) => {
        if (value === 'bad') throw new Error('no headers')
        return [...headers, { key: 'length', value: Uint8Array.of(value.length) }]
      },
      onError: 'skip',
    })
  })
  const driver = new TopologyTestDriver(made)
  const headers = [{ key: 'from', value: Uint8Array.of(1) }]
  driver.input('lines').send({ value: 'four', headers }, { value: 'bad', headers })
  expect(driver.output('as-they-are').readAll()).toMatchObject([{ headers }, { headers }])
  expect(driver.output('marked').readAll()).toMatchObject([
    { value: 'four', headers: [...headers, { key: 'length', value: Uint8Array.of(4) }] },
  ])
})
