import { expect, test } from '@jest/globals'
import { int64, json, string, topology } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

const out = (driver: TopologyTestDriver) => driver.output('out').readKeyValues()

test('a filtered table deletes a row that no longer passes, and is silent about others', () => {
  const driver = driverOf((t) =>
    t
      .table('in', { value: int64 })
      .filter((value) => value > 10)
      .to('out'),
  )
  const input = driver.input<string, number>('in')
  input.send({ key: 'a', value: 1 }, { key: 'a', value: 11 }, { key: 'a', value: 2 })
  input.send({ key: 'a', value: 3 }, { key: 'a' }, { key: 'b' })
  expect(out(driver)).toEqual([
    ['a', 11],
    ['a', null],
  ])
})

test('filterNot keeps the others', () => {
  const driver = driverOf((t) =>
    t
      .table('in', { value: int64 })
      .filterNot((value, key) => key === 'a' && value > 10)
      .to('out'),
  )
  const input = driver.input<string, number>('in')
  input.send({ key: 'a', value: 1 }, { key: 'a', value: 11 }, { key: 'b', value: 11 })
  expect(out(driver)).toEqual([
    ['a', 1],
    ['a', null],
    ['b', 11],
  ])
})

test('mapValues never sees a deletion, and passes it on', () => {
  const driver = driverOf((t) =>
    t
      .table('in', { value: string })
      .mapValues((value, key) => `${key}${value.length}`)
      .to('out', { value: string }),
  )
  const input = driver.input<string, string>('in')
  input.send({ key: 'a', value: 'xyz' }, { key: 'a' }, { key: 'b' })
  expect(out(driver)).toEqual([
    ['a', 'a3'],
    ['a', null],
    ['b', null],
  ])
})

test('a filter behind a mapping tells a deletion once, whether rows are kept or not', () => {
  for (const options of [{}, { store: 'kept', value: int64 }]) {
    const driver = driverOf((t) =>
      t
        .table('in', { value: string })
        .mapValues((value) => value.length, options)
        .filter((length) => length > 1)
        .to('out', { value: int64 }),
    )
    const input = driver.input<string, string>('in')
    input.send({ key: 'a', value: 'x' }, { key: 'a', value: 'xy' }, { key: 'a', value: 'xyz' })
    input.send({ key: 'a', value: 'z' }, { key: 'a' })
    expect(out(driver)).toEqual([
      ['a', 2],
      ['a', 3],
      ['a', null],
    ])
  }
})

test('rows with a store of their own can be asked for, and come back after a crash', () => {
  const driver = driverOf((t) => {
    const table = t.table('in', { value: int64 })
    table.filter((value) => value > 1, { store: 'large' }).to('out')
    table.mapValues((value) => `<${value}>`, { store: 'text', value: string })
  })
  const input = driver.input<string, number>('in')
  input.send({ key: 'a', value: 1 }, { key: 'b', value: 2 })
  driver.commit()
  input.send({ key: 'b', value: 0 })
  driver.crash()
  expect(driver.store('large').entries()).toEqual([])
  expect(driver.store('text').entries()).toEqual([
    ['a', '<1>'],
    ['b', '<0>'],
  ])
  expect(out(driver)).toEqual([
    ['b', 2],
    ['b', null],
  ])
})

test('a stream is joined with the rows of a table that has no store of its own', () => {
  const driver = driverOf((t) => {
    const users = t
      .table('users', { value: json<{ name: string; blocked?: boolean }>() })
      .filterNot((user) => user.blocked === true)
      .mapValues((user) => user.name)
    t.stream('clicks', { value: string })
      .leftJoin('known', users, (click, name) => `${click} by ${name ?? 'nobody'}`)
      .to('out')
  })
  const users = driver.input('users')
  const clicks = driver.input('clicks')
  users.send({ key: 'a', value: { name: 'Ann' } }, { key: 'b', value: { name: 'Bob' } })
  clicks.send({ key: 'a', value: '1' }, { key: 'b', value: '2' }, { key: 'c', value: '3' })
  users.send({ key: 'b', value: { name: 'Bob', blocked: true } })
  clicks.send({ key: 'b', value: '4' })
  expect(out(driver).map(([, value]) => value)).toEqual([
    '1 by Ann',
    '2 by Bob',
    '3 by nobody',
    '4 by nobody',
  ])
})

test('an aggregate that is changed in place reaches a filter with its old self', () => {
  const driver = driverOf((t) => {
    const lists = t
      .stream('in', { value: int64 })
      .groupByKey()
      .aggregate('lists', {
        init: (): number[] => [],
        add: (list, value) => {
          list.push(value)
          return list
        },
        value: json<number[]>(),
      })
    lists.filter((list) => list.length === 2, { store: 'pairs' }).to('out')
    lists.toStream().toTable('copy')
  })
  const input = driver.input<string, number>('in')
  input.send({ key: 'a', value: 1 }, { key: 'a', value: 2 })
  expect(driver.store('pairs').entries()).toEqual([['a', [1, 2]]])
  input.send({ key: 'a', value: 3 }, { key: 'a', value: 4 })
  expect(out(driver)).toEqual([
    ['a', [1, 2]],
    ['a', null],
  ])
  expect(driver.store('pairs').entries()).toEqual([])
})

test('a table that emits at commits tells a filter what it told before', () => {
  const driver = driverOf((t) =>
    t
      .table('in', { value: int64, emit: 'commit' })
      .filter((value) => value > 1)
      .to('out'),
  )
  const input = driver.input<string, number>('in')
  input.send({ key: 'a', value: 2 }, { key: 'b', value: 2 })
  driver.commit()
  input.send({ key: 'a', value: 3 }, { key: 'a', value: 1 }, { key: 'c', value: 0 })
  driver.commit()
  expect(out(driver)).toEqual([
    ['a', 2],
    ['b', 2],
    ['a', null],
  ])
})

test('a row whose function throws is none where the policy says skip', () => {
  const driver = driverOf((t) =>
    t
      .table('in', { value: string })
      .mapValues((text): unknown => JSON.parse(text), { onError: 'skip' })
      .filter(() => true)
      .to('out'),
  )
  const input = driver.input<string, string>('in')
  input.send({ key: 'a', value: '1' }, { key: 'a', value: '{' }, { key: 'a', value: '2' })
  expect(out(driver)).toEqual([
    ['a', 1],
    ['a', null],
    ['a', 2],
  ])
})

test('options of a store without a store are refused', () => {
  expect(() => driverOf((t) => t.table('in').filter(() => true, { backend: 'memory' }))).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  )
})

test("emit 'change' is silent about what leaves a value as it is", () => {
  const driver = driverOf((t) => {
    t.table('in', { value: json<{ n: number }>(), emit: 'change' }).to('out')
    t.stream('numbers', { value: int64 })
      .groupByKey()
      .reduce('largest', (a, b) => Math.max(a, b), { emit: 'change', value: int64 })
      .to('maxima')
    t.stream('words', { value: string })
      .groupByKey()
      .aggregate('letters', {
        init: (): string[] => [],
        add: (seen, word) => {
          if (!seen.includes(word)) seen.push(word)
          return seen
        },
        emit: 'change',
      })
      .to('letters-out')
  })
  const input = driver.input('in')
  input.send({ key: 'a', value: { n: 1 } }, { key: 'a', value: { n: 1 } }, { key: 'b' })
  input.send({ key: 'a', value: { n: 2 } }, { key: 'a' }, { key: 'a' })
  expect(out(driver)).toEqual([
    ['a', { n: 1 }],
    ['a', { n: 2 }],
    ['a', null],
  ])
  const numbers = driver.input('numbers')
  for (const [at, value] of [3, 1, 3, 4].entries()) {
    numbers.send({ key: 'k', value, timestamp: at })
  }
  expect(driver.output('maxima').readAll()).toMatchObject([
    { value: 3, timestamp: 0 },
    { value: 4, timestamp: 3 },
  ])
  driver.input('words').send(...['x', 'x', 'y', 'x'].map((value) => ({ key: 'k', value })))
  expect(driver.output('letters-out').readKeyValues()).toEqual([
    ['k', ['x']],
    ['k', ['x', 'y']],
  ])
})

test("emit 'change' of a grouped table compares what all of a change comes to", () => {
  const driver = driverOf((t) =>
    t
      .table('in', { value: int64 })
      .groupBy('by', (n) => ['all', n], { value: int64 })
      .aggregate('parity', {
        init: () => 0,
        add: (sum, n) => (sum + n) % 2,
        subtract: (sum, n) => (sum + n) % 2,
        value: int64,
        emit: 'change',
      })
      .to('out'),
  )
  const input = driver.input('in')
  for (const value of [1, 3, 4, 6]) input.send({ key: 'k', value })
  expect(out(driver)).toEqual([
    ['all', 1],
    ['all', 0],
  ])
})
