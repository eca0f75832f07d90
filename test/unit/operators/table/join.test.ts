import { expect, test } from '@jest/globals'
import { int64, string, type Table, topology } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../../../src/topology/builder.ts'

const driverOf = (build: (t: TopologyBuilder<string, unknown>) => void) =>
  new TopologyTestDriver(topology('test', build))

type Call = 'join' | 'leftJoin' | 'outerJoin'
const both = (left: string | null, right: string | null) => `${left ?? '-'}${right ?? '-'}`

const joined = (call: Call, options: { readonly store?: string } = {}) =>
  driverOf((t) => {
    const left = t.table('left', { value: string })
    const right = t.table('right', { value: string })
    const how = { ...options, value: string }
    const result =
      call === 'join'
        ? left.join('both', right, both, how)
        : call === 'leftJoin'
          ? left.leftJoin('both', right, both, how)
          : left.outerJoin('both', right, both, how)
    result.to('out')
  })

/** Each side's insert, update and deletion, in both orders; then the same again. */
function play(driver: TopologyTestDriver): readonly (string | null)[] {
  const left = driver.input<string, string>('left')
  const right = driver.input<string, string>('right')
  left.send({ key: 'k', value: 'a' })
  right.send({ key: 'k', value: 'x' })
  left.send({ key: 'k', value: 'b' })
  right.send({ key: 'k' })
  right.send({ key: 'k', value: 'y' })
  left.send({ key: 'k' })
  right.send({ key: 'k' })
  right.send({ key: 'k' })
  left.send({ key: 'k' })
  return driver
    .output<string, string>('out')
    .readAll()
    .map(({ value }) => value)
}

const told = {
  join: ['ax', 'bx', null, 'by', null],
  leftJoin: ['a-', 'ax', 'bx', 'b-', 'by', null],
  outerJoin: ['a-', 'ax', 'bx', 'b-', 'by', '-y', null],
}

for (const call of ['join', 'leftJoin', 'outerJoin'] as const) {
  test(`${call} tells each change of either side, with a store and without`, () => {
    expect(play(joined(call))).toEqual(told[call])
    expect(play(joined(call, { store: 'kept' }))).toEqual(told[call])
  })
}

test('the time of a row is the later of the two that it is made of', () => {
  const driver = joined('leftJoin')
  driver.input('left').send({ key: 'k', value: 'a', timestamp: 10 })
  driver.input('right').send({ key: 'k', value: 'x', timestamp: 5 })
  driver.input('left').send({ key: 'k', value: 'b', timestamp: 20 })
  driver.input('right').send({ key: 'k', timestamp: 7 })
  expect(driver.output('out').readAll()).toMatchObject([
    { value: 'a-', timestamp: 10 },
    { value: 'ax', timestamp: 10 },
    { value: 'bx', timestamp: 20 },
    { value: 'b-', timestamp: 20 },
  ])
})

test('joins of joins see rows that nobody keeps', () => {
  const driver = driverOf((t) => {
    const [a, b, c] = ['a', 'b', 'c'].map((topic) => t.table(topic, { value: string }))
    const ab = a?.join('ab', b as Table<string, string>, both)
    ab?.leftJoin(
      'abc',
      (c as Table<string, string>).filter((v) => v !== 'hidden'),
      both,
    ).to('out')
  })
  for (const topic of ['c', 'a', 'b']) driver.input(topic).send({ key: 'k', value: topic })
  driver.input('c').send({ key: 'k', value: 'hidden' })
  driver.input('c').send({ key: 'k', value: 'd' })
  driver.input('a').send({ key: 'k' })
  expect(
    driver
      .output('out')
      .readKeyValues()
      .map(([, value]) => value),
  ).toEqual(['abc', 'ab-', 'abd', null])
  expect(driver.store('a').entries()).toEqual([])
})

test('tables that tell at commits meet what the other has told, so no deletion is lost', () => {
  const driver = driverOf((t) => {
    const left = t.table('left', { value: string, emit: 'commit' })
    const right = t.table('right', { value: string, emit: 'commit' })
    left.join('both', right, both).to('out', { value: string })
  })
  const send = (topic: string, value: string | null) =>
    driver.input(topic).send({ key: 'k', value })
  send('left', 'a')
  send('right', 'x')
  driver.commit()
  send('left', null)
  send('right', null)
  driver.commit()
  const values = driver
    .output('out')
    .readKeyValues()
    .map(([, value]) => value)
  expect(values).toEqual(['ax', null])
})

test('a join with a store comes back after a crash', () => {
  const driver = joined('join', { store: 'kept' })
  driver.input('left').send({ key: 'k', value: 'a' })
  driver.commit()
  driver.input('right').send({ key: 'k', value: 'x' })
  driver.crash()
  expect(driver.store('kept').entries()).toEqual([['k', 'ax']])
  expect(driver.output('out').readKeyValues()).toEqual([['k', 'ax']])
})

test('tables with other key serdes are refused, and so is the join of a table with itself', () => {
  const build = (other: (t: TopologyBuilder<string, unknown>) => Table<string, unknown>) => () =>
    driverOf((t) => {
      const left = t.table('left', { value: string })
      left
        .mapValues((v) => v)
        .join('both', other(t), both as () => string)
        .to('out')
    })
  const key = { ...string, name: 'other' }
  expect(build((t) => t.table('right', { key }))).toThrow(
    expect.objectContaining({ code: 'NOT_CO_PARTITIONED' }),
  )
  expect(() =>
    driverOf((t) => {
      const counts = t.stream('in').groupByKey().count('counts')
      counts
        .filter((n) => n > 1)
        .join('self', counts, (a, b) => a + b)
        .to('out', { value: int64 })
    }),
  ).toThrow(expect.objectContaining({ code: 'TABLE_JOINS_ITSELF' }))
})

test('both sides of one table can meet where each keeps rows of its own', () => {
  const driver = driverOf((t) => {
    const numbers = t.table('in', { value: int64 })
    const odd = numbers.filter((n) => n % 2 === 1, { store: 'odd' })
    odd
      .outerJoin(
        'self',
        numbers.mapValues((n) => n * 10, { store: 'tens', value: int64 }),
        (a, b) => `${a ?? '-'} ${b ?? '-'}`,
      )
      .to('out', { value: string })
  })
  driver.input('in').send({ key: 'k', value: 1 }, { key: 'k', value: 2 }, { key: 'k' })
  expect(driver.output('out').readKeyValues().at(-1)).toEqual(['k', null])
})
