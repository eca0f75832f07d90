import { expect, test } from '@jest/globals'
import { int64, json, string, type Table, topology } from '../../../src/index.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

const profiles = (kind: 'join' | 'leftJoin') =>
  driverOf((t) => {
    const users = t.table('users', { value: string })
    const clicks = t.stream('clicks', { value: string })
    const joiner = (click: string, user: string | null) => `${click} by ${user ?? 'nobody'}`
    const joined =
      kind === 'join'
        ? clicks.join('with-user', users, joiner)
        : clicks.leftJoin('with-user', users, joiner)
    joined.to('out')
  })

const values = (driver: TopologyTestDriver) => driver.output('out').readKeyValues()

test('a record meets the value that the table has then; later changes join nothing', () => {
  const driver = profiles('join')
  driver.input('clicks').send({ key: 'a', value: 'early' })
  driver.input('users').send({ key: 'a', value: 'Ann' })
  driver.input('clicks').send({ key: 'a', value: 'one' })
  driver.input('users').send({ key: 'a', value: 'Anna' })
  driver.input('clicks').send({ key: 'a', value: 'two' })
  driver.input('users').send({ key: 'a' })
  driver.input('clicks').send({ key: 'a', value: 'gone' })
  expect(values(driver)).toEqual([
    ['a', 'one by Ann'],
    ['a', 'two by Anna'],
  ])
})

test('a left join keeps records without a partner, those without a key among them', () => {
  const driver = profiles('leftJoin')
  driver.input('users').send({ key: 'a', value: 'Ann' })
  driver.input('clicks').send({ key: 'b', value: 'x' }, { value: 'y' }, { key: 'a', value: 'z' })
  driver.input('clicks').send({ key: 'a' })
  expect(values(driver)).toEqual([
    ['b', 'x by nobody'],
    [null, 'y by nobody'],
    ['a', 'z by Ann'],
  ])
})

test('what comes out has the time and headers of the record, not of the table', () => {
  const driver = profiles('join')
  const headers = [{ key: 'trace', value: new Uint8Array([7]) }]
  driver.input('users').send({ key: 'a', value: 'Ann', timestamp: 5_000 })
  driver.input('clicks').send({ key: 'a', value: 'x', timestamp: 1_000, headers })
  expect(driver.output('out').readAll()).toMatchObject([{ timestamp: 1_000, headers }])
})

test('after a crash a table of a topic is what it was at the commit, read from that topic', () => {
  const driver = profiles('join')
  driver.input('users').send({ key: 'a', value: 'Ann' })
  driver.input('clicks').send({ key: 'a', value: 'one' })
  driver.commit()
  driver.input('clicks').send({ key: 'a', value: 'two', timestamp: 1 })
  driver.input('users').send({ key: 'a', value: 'Anna', timestamp: 2 })
  driver.crash()
  driver.input('clicks').send({ key: 'a', value: 'three', timestamp: 3 })
  driver.commit()
  expect(values(driver)).toEqual([
    ['a', 'one by Ann'],
    ['a', 'two by Ann'],
    ['a', 'three by Anna'],
  ])
  expect(driver.store('users').entries()).toEqual([['a', 'Anna']])
})

test('what a table left out is left out again when it is restored from its topic', () => {
  const driver = driverOf((t) => {
    t.table('users', {
      value: json<{ name: string; at: number }>(),
      timestamp: (user) => user.at,
      onError: 'skip',
    }).to('out')
  })
  const bytes = (text: string) => new TextEncoder().encode(text)
  driver.input('users').send({ key: 'a', value: { name: 'Ann', at: 1 } })
  driver.input('users').sendBytes({ key: bytes('a'), value: bytes('{') })
  driver.input('users').send({ key: 'b', value: { name: 'Bob', at: -1 } })
  driver.commit()
  driver.crash()
  expect(driver.store('users').entries()).toEqual([['a', { name: 'Ann', at: 1 }]])
  expect(driver.output('out').readAll()).toMatchObject([{ timestamp: 1 }])
})

test('aggregates and toTable() are tables to join with, too', () => {
  const driver = driverOf((t) => {
    const clicks = t.stream('clicks', { value: string })
    const counts = clicks.groupByKey().count('counts')
    const last = t.stream('names', { value: string }).toTable('last')
    clicks
      .join('counted', counts, (click, count) => `${click} ${count}`)
      .leftJoin('named', last, (click, name, key) => `${click} ${key} ${name}`)
      .to('out', { value: string })
  })
  driver.input('names').send({ key: 'a', value: 'Ann' })
  driver.input('clicks').send({ key: 'a', value: 'x' }, { key: 'b', value: 'y' })
  driver.input('clicks').send({ key: 'a', value: 'z' })
  expect(values(driver)).toEqual([
    ['a', 'x 1 a Ann'],
    ['b', 'y 1 b null'],
    ['a', 'z 2 a Ann'],
  ])
})

test('a joiner that throws meets the policy of its join', () => {
  const driver = driverOf((t) => {
    const users = t.table('users', { value: string })
    const joiner = (click: string) => {
      if (click === 'bad') throw new Error('no')
      return click
    }
    t.stream('clicks', { value: string }).join('j', users, joiner, { onError: 'skip' }).to('out')
  })
  driver.input('users').send({ key: 'a', value: 'Ann' })
  driver.input('clicks').send({ key: 'a', value: 'bad' }, { key: 'a', value: 'good' })
  expect(values(driver)).toEqual([['a', 'good']])
})

test('keys that the table never had are not remembered', () => {
  const driver = profiles('leftJoin')
  driver.input('clicks').send({ key: 'unknown', value: 'x' })
  driver.commit()
  expect(driver.store('users').entries()).toEqual([])
})

test('a stream whose keys changed, or are written otherwise than the table’s, is refused', () => {
  expect(() =>
    topology('test', (t) => {
      const users = t.table('users', { value: string })
      t.stream('clicks')
        .selectKey(() => 'a')
        .join('j', users, (click) => click)
    }),
  ).toThrow('join("j") follows selectKey()')
  expect(() =>
    topology('test', (t) => {
      const users = t.table('users', { key: int64, value: string })
      t.stream('clicks', { key: json<number>() }).join('j', users, (click) => click)
    }),
  ).toThrow('keys written by json with the table "users", whose keys are written by int64')
})

test('a table of another topology is refused', () => {
  let foreign: Table<string, unknown> | undefined
  topology('other', (t) => {
    foreign = t.table('users')
  })
  expect(() =>
    topology('test', (t) => {
      if (foreign !== undefined) t.stream('clicks').join('j', foreign, (click) => click)
    }),
  ).toThrow('join("j") got the table "users" of another topology than "test"')
})

test('stream and table meet in one part, and their topics need equal numbers of partitions', () => {
  const made = planTopology(
    topology('test', (t) => {
      const users = t.table('users')
      const keyed = t.stream('visits').repartition('by-user')
      t.stream('clicks').join('j', users, (click) => click)
      keyed.join('k', users, (visit) => visit).to('out')
    }),
  )
  expect(made.subTopologies.map(({ coPartitioned }) => coPartitioned)).toEqual([
    [['clicks', 'test-by-user-repartition', 'users']],
    [],
  ])
  expect(made.internalTopics).toMatchObject([
    { name: 'test-by-user-repartition', partitions: { largestOf: ['clicks', 'users'] } },
  ])
})
