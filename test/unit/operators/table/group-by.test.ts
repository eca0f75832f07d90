import { expect, test } from '@jest/globals'
import { int64, json, string, topology } from '../../../../src/index.ts'
import { changes } from '../../../../src/serde/changes.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

interface User {
  readonly city: string | null
  readonly age: number
}
const users = (t: TopologyBuilder<string, unknown>) => t.table('users', { value: json<User>() })
const user = (key: string, city?: string | null, age = 1) =>
  city === undefined ? { key } : { key, value: { city, age } }

test('a group loses the old row of a change before another one gets the new row', () => {
  const driver = driverOf((t) =>
    users(t)
      .groupBy('by-city', ({ city, age }) => [city, age], { key: string, value: int64 })
      .aggregate('ages', {
        init: () => 0,
        add: (sum, age) => sum + age,
        subtract: (sum, age) => sum - age,
        value: int64,
      })
      .to('out'),
  )
  const input = driver.input('users')
  input.send(user('a', 'Rome', 10), user('b', 'Rome', 20), user('a', 'Oslo', 11))
  input.send(user('b', null), user('a'))
  expect(driver.output('out').readKeyValues()).toEqual([
    ['Rome', 10],
    ['Rome', 30],
    ['Rome', 20],
    ['Oslo', 11],
    ['Rome', 0],
    ['Oslo', 0],
  ])
})

test('a row that stays in its group changes it in one step', () => {
  const driver = driverOf((t) =>
    users(t)
      .groupBy('by-city', ({ city, age }) => [city, age], { key: string, value: int64 })
      .reduce('ages', { add: (sum, age) => sum + age, subtract: (sum, age) => sum - age })
      .to('out'),
  )
  driver.input('users').send(user('a', 'Rome', 10), user('a', 'Rome', 15), user('b', 'Rome', 1))
  expect(driver.output('out').readKeyValues()).toEqual([
    ['Rome', 10],
    ['Rome', 15],
    ['Rome', 16],
  ])
})

test('counts go down to 0, and old values reach a table behind', () => {
  const driver = driverOf((t) => {
    const counts = t.stream('words', { value: string }).groupByKey().count('counts')
    const byCount = counts
      .groupBy('by-count', (count, word) => [count, word], { key: int64, value: string })
      .count('words-by-count')
    byCount.filter((words) => words > 0).to('out')
  })
  const input = driver.input('words')
  for (const key of ['a', 'b', 'a', 'a']) input.send({ key, value: '' })
  expect(driver.store<number, number>('words-by-count').entries()).toEqual([
    [1, 1],
    [2, 0],
    [3, 1],
  ])
  expect(driver.output('out').readKeyValues()).toEqual([
    [1, 1],
    [1, 2],
    [1, 1],
    [2, 1],
    [2, null],
    [3, 1],
  ])
})

test('an aggregate that subtract answers null for is deleted', () => {
  const driver = driverOf((t) =>
    users(t)
      .groupBy('by-city', ({ city, age }, key) => [city, { key, age }])
      .aggregate('members', {
        init: (): Record<string, number> => ({}),
        add: (members, { key, age }) => Object.assign(members, { [key]: age }),
        subtract: (members, { key }) => {
          Reflect.deleteProperty(members, key)
          return Object.keys(members).length === 0 ? (null as never) : members
        },
      })
      .to('out'),
  )
  driver.input('users').send(user('a', 'Rome', 10), user('b', 'Rome', 1), user('b'))
  driver.commit()
  driver.input('users').send(user('a'))
  driver.crash()
  expect(driver.output('out').readKeyValues()).toEqual([
    ['Rome', { a: 10 }],
    ['Rome', { a: 10, b: 1 }],
    ['Rome', { a: 10 }],
    ['Rome', null],
  ])
  expect(driver.store('members').entries()).toEqual([])
})

test('changes are written as Kafka Streams writes them', () => {
  const serde = changes(string)
  const bytes = (old: string | null, value: string | null) => [...serde.serialize({ old, value })]
  expect(bytes('a', null)).toEqual([97, 0])
  expect(bytes(null, 'b')).toEqual([98, 1])
  expect(bytes('a', 'bc')).toEqual([4, 98, 99, 97, 2])
  const long = { old: 'x'.repeat(100), value: 'y'.repeat(70) }
  expect(bytes(long.old, long.value).slice(0, 2)).toEqual([140, 1])
  expect(serde.deserialize(serde.serialize(long))).toEqual(long)
  expect(() => serde.serialize({ old: null, value: null })).toThrow(TypeError)
  expect(() => serde.deserialize(Uint8Array.of(97, 9))).toThrow(RangeError)
  expect(() => serde.deserialize(Uint8Array.of(80, 97, 2))).toThrow(RangeError)
})
