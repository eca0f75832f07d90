import { expect, test } from '@jest/globals'
import { int64, json, string, topology } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

test('count ignores records without a key or a value, as Kafka Streams does', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string }).groupByKey().count('counts').to('out')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'a', value: 'x' }, { key: 'a' }, { value: 'x' })
  expect(driver.output('out').readKeyValues()).toEqual([['a', 1]])
})

test('reduce ignores them too, and a table takes a null value as the end of a key', () => {
  const made = topology('test', (t) => {
    const stream = t.stream('in', { value: string })
    stream.groupByKey().reduce('joined', (all, value) => all + value)
    stream.toTable('latest')
  })
  const driver = new TopologyTestDriver(made)
  const both = [
    { key: 'a', value: 'x' },
    { key: 'b', value: 'y' },
  ]
  driver.input('in').send(...both, ...both, { key: 'a' }, { value: 'z' })
  expect(driver.store('joined').entries()).toEqual([
    ['a', 'xx'],
    ['b', 'yy'],
  ])
  expect(driver.store('latest').entries()).toEqual([['b', 'y']])
})

test('behind a topic that carries keys only, null values are not counted either', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .groupBy('by-key', (_, key) => key, { key: string })
      .count('counts')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'a', value: 'x' }, { key: 'a' })
  expect(driver.store('counts').entries()).toEqual([['a', 1]])
})

test('reduce takes the first value as it is and folds the others into it', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: json<number>() })
      .groupByKey()
      .reduce('maxima', (highest, value) => Math.max(highest, value))
      .to('out')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send(...[3, 9, 4].map((value) => ({ key: 'k', value })))
  expect(
    driver
      .output('out')
      .readAll()
      .map(({ value }) => value),
  ).toEqual([3, 9, 9])
})

test('an aggregate may be changed in place, and comes back whole after a crash', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .groupByKey()
      .aggregate('lists', {
        init: (): string[] => [],
        add: (list, value) => {
          list.push(value)
          return list
        },
      })
      .to('out')
  })
  const driver = new TopologyTestDriver(made)
  const input = driver.input<string, string>('in')
  input.send({ key: 'k', value: 'a' })
  driver.commit()
  input.send({ key: 'k', value: 'b' })
  driver.crash()
  input.send({ key: 'k', value: 'c' })
  expect(driver.store('lists').get('k')).toEqual(['a', 'b', 'c'])
  const outputs = driver.output('out').readAll()
  expect(outputs.map(({ value }) => value)).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c']])
})

test('committed bytes that the serde of their store refuses are told with the reason', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .groupByKey()
      .reduce('last', (_, value) => value, { value: json<string>(refuseLong) })
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'k', value: 'long' })
  driver.commit()
  driver.crash()
  const next = () => driver.input('in').send({ key: 'k', value: 'x' })
  expect(next).toThrow(/STATE_UNREADABLE: the serde of store last cannot read .*too long/)
})

function refuseLong(value: unknown): string {
  if (typeof value === 'string' && value.length < 4) return value
  throw new Error('too long')
}

test('an aggregate of null deletes the key', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .groupByKey()
      .reduce('last', (last, value) => (value === 'end' ? (null as never) : last + value))
      .to('out')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send(...['a', 'b', 'end'].map((value) => ({ key: 'k', value })))
  driver.commit()
  expect(
    driver
      .output('out')
      .readAll()
      .map(({ value }) => value),
  ).toEqual(['a', 'ab', null])
  expect(driver.store('last').entries()).toEqual([])
  driver.input('in').send({ key: 'k', value: 'c' })
  expect(driver.store('last').get('k')).toBe('c')
})

test('the time of a result is the highest of its inputs, across a crash too', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string }).groupByKey().count('counts').to('out')
  })
  const driver = new TopologyTestDriver(made)
  const send = (timestamp: number) => driver.input('in').send({ key: 'k', value: '', timestamp })
  send(5)
  send(3)
  driver.commit()
  driver.crash()
  send(4)
  expect(
    driver
      .output('out')
      .readAll()
      .map(({ timestamp }) => timestamp),
  ).toEqual([5, 5, 5])
})

test('with emit commit, changes go out once per key and epoch, in order of first change', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: json<number>() })
      .groupByKey()
      .aggregate('sums', { init: () => 0, add: (sum, value) => sum + value, emit: 'commit' })
      .to('out')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'b', value: 1 }, { key: 'a', value: 2 }, { key: 'b', value: 3 })
  expect(driver.output('out').readAll()).toEqual([])
  driver.commit()
  expect(driver.output('out').readKeyValues()).toEqual([
    ['b', 4],
    ['a', 2],
  ])
  driver.commit()
  expect(driver.output('out').readAll()).toEqual([])
})

test('what is emitted at a cut reaches a store further down in the same epoch', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .groupByKey()
      .count('counts', { emit: 'commit' })
      .toStream()
      .mapValues((count) => count * 10)
      .groupByKey()
      .reduce('tens', (_, value) => value, { value: int64, emit: 'commit' })
      .to('out')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'k', value: '' }, { key: 'k', value: '' })
  driver.commit()
  expect(driver.output('out').readKeyValues()).toEqual([['k', 20]])
})

test('toTable keeps the last value of a key, and a null value deletes it', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string }).toTable('latest').toStream().to('out')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'a', value: '1' }, { key: 'b', value: '2' }, { key: 'a' })
  expect(driver.store('latest').entries()).toEqual([['b', '2']])
  driver.commit()
  driver.crash()
  expect(driver.store('latest').entries()).toEqual([['b', '2']])
  expect(driver.output('out').readKeyValues()).toEqual([
    ['a', '1'],
    ['b', '2'],
    ['a', null],
  ])
})

test('a value that the serde of its store refuses ends the commit with the reason', () => {
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .groupByKey()
      .aggregate('sums', { init: () => 0, add: (_, value) => value as never, value: int64 })
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'k', value: 'text' })
  expect(() => driver.commit()).toThrow(/STATE_UNWRITABLE: the serde of store sums .*"text"/)
})
