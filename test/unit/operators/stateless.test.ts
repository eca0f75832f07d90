import { expect, test } from '@jest/globals'
import { json, type Stream, string, topology } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

/** What comes out of `out` when these values, with keys k0, k1, …, are sent through. */
function through<K, V>(
  build: (stream: Stream<string, string>) => Stream<K, V>,
  values: readonly (string | null)[],
): readonly (readonly [unknown, unknown])[] {
  const made = topology('test', (t) => {
    build(t.stream('in', { value: string })).to('out', { key: json<K>(), value: json<V>() })
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send(...values.map((value, index) => ({ key: `k${index}`, value })))
  return driver.output('out').readKeyValues()
}

test('map gives a new key and value', () => {
  expect(through((s) => s.map((value, key) => [value, key]), ['a'])).toEqual([['a', 'k0']])
})

test('mapValues keeps the key', () => {
  expect(through((s) => s.mapValues((value) => value.length), ['abc'])).toEqual([['k0', 3]])
})

test('flatMap gives any number of keys and values', () => {
  const twice = (s: Stream<string, string>) =>
    s.flatMap((value, key) => [
      [key, value],
      [value, key],
    ])
  expect(through(twice, ['a'])).toEqual([
    ['k0', 'a'],
    ['a', 'k0'],
  ])
})

test('flatMapValues takes any iterable', () => {
  expect(through((s) => s.flatMapValues((value) => new Set(value)), ['aab'])).toEqual([
    ['k0', 'a'],
    ['k0', 'b'],
  ])
})

test('filter and filterNot let records through unchanged', () => {
  const long = (value: string) => value.length > 1
  expect(through((s) => s.filter(long), ['a', 'ab'])).toEqual([['k1', 'ab']])
  expect(through((s) => s.filterNot(long), ['a', 'ab'])).toEqual([['k0', 'a']])
})

test('selectKey gives a new key and keeps the value', () => {
  expect(through((s) => s.selectKey((value) => value.length), ['abc'])).toEqual([[3, 'abc']])
})

test('peek shows each record and passes it on', () => {
  const seen: string[] = []
  const shown = through(
    (s) =>
      s.peek((value, key) => {
        seen.push(`${key}=${value}`)
      }),
    ['a', 'b'],
  )
  expect(seen).toEqual(['k0=a', 'k1=b'])
  expect(shown).toHaveLength(2)
})

test('a function with any kind of parameters sees the key', () => {
  const all = (...given: unknown[]) => given[1]
  const withDefault = (_: string, key = 'none') => key
  const old = function old(this: void) {
    // oxlint-disable-next-line prefer-rest-params
    return arguments[1] as string
  }
  for (const fn of [all, withDefault, old, all.bind(undefined)]) {
    expect(through((s) => s.mapValues(fn), ['a'])).toEqual([['k0', 'k0']])
  }
})

test('split sends a record to its first match, and the others to the rest', () => {
  const made = topology('test', (t) => {
    const { short, vowel, rest } = t.stream('in', { value: string }).split({
      short: (value) => value.length < 2,
      vowel: (value) => 'aeiou'.includes(value.charAt(0)),
      rest: 'rest',
    })
    short.to('short')
    vowel.to('vowel')
    rest.to('rest')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ value: 'a' }, { value: 'ox' }, { value: 'cow' })
  const values = (topic: string) =>
    driver
      .output(topic)
      .readAll()
      .map(({ value }) => value)
  expect([values('short'), values('vowel'), values('rest')]).toEqual([['a'], ['ox'], ['cow']])
})

test('merge unites streams of two topics', () => {
  const made = topology('test', (t) => {
    t.stream('left', { value: string })
      .merge(t.stream('right', { value: string }))
      .to('both')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('left').send({ value: 'l' })
  driver.input('right').send({ value: 'r' })
  expect(
    driver
      .output('both')
      .readAll()
      .map(({ value }) => value),
  ).toEqual(['l', 'r'])
})

test('a branch does not see what another made of the record', () => {
  const made = topology('test', (t) => {
    const lines = t.stream('in', { value: string })
    lines.mapValues((value) => `${value}!`).to('loud')
    lines.to('plain')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('in').send({ key: 'k', value: 'a' })
  expect(driver.output('loud').readKeyValues()).toEqual([['k', 'a!']])
  expect(driver.output('plain').readKeyValues()).toEqual([['k', 'a']])
})

test('functions see where the record came from, and headers travel with it', () => {
  const places: unknown[] = []
  const made = topology('test', (t) => {
    t.stream('in', { value: string })
      .mapValues((value, _key, { topic, partition, offset, timestamp, headers }) => {
        places.push({ topic, partition, offset, timestamp, headers: headers.length })
        return value
      })
      .to('out')
  })
  const driver = new TopologyTestDriver(made)
  const headers = [{ key: 'trace', value: Uint8Array.of(1) }]
  driver.input('in').send({ value: 'a' }, { value: 'b', timestamp: 9, headers })
  expect(places).toEqual([
    { topic: 'in', partition: 0, offset: 0, timestamp: 0, headers: 0 },
    { topic: 'in', partition: 0, offset: 1, timestamp: 9, headers: 1 },
  ])
  expect(driver.output('out').readAll()[1]).toMatchObject({ timestamp: 9, headers })
})

test('a null key and a null value stay null through bytes and objects', () => {
  expect(through((s) => s, [null])).toEqual([['k0', null]])
  expect(through((s) => s.selectKey(() => null), ['a'])).toEqual([[null, 'a']])
})
