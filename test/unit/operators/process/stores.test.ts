import { expect, test } from '@jest/globals'
import {
  int64,
  json,
  keyValueStore,
  monotonous,
  type ProcessContext,
  sessionStore,
  string,
  timestampedStore,
  topology,
  windowStore,
} from '../../../../src/index.ts'
import { describe } from '../../../../src/plan/describe.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'

const balances = keyValueStore('balances', { key: string, value: int64 })
const last = timestampedStore('last', { key: string, value: string })
const views = windowStore('views', { key: string, value: int64, retention: '1m' })
const visits = sessionStore('visits', { key: string, value: string, retention: '1m' })

/** Does something with the stores, and emits what comes of it. */
function using(use: (ctx: ProcessContext, value: string) => unknown): TopologyTestDriver {
  const stores = [balances, last, views, visits]
  return new TopologyTestDriver(
    topology('stores', (t) => {
      t.stream('in', { value: string, watermark: monotonous() })
        .processValues('use', {
          out: json(),
          stores,
          onRecord: (ctx, value) => ctx.emit(use(ctx, value) ?? null),
        })
        .to('out')
    }),
  )
}

const answer = (driver: TopologyTestDriver, value: string, timestamp = 0) => {
  driver.input('in').send({ key: 'k', value, timestamp })
  return driver.output('out').readAll().at(-1)?.value
}

test('a key-value store is read by keys, ranges and prefixes, both ways', () => {
  const driver = using((ctx, value) => {
    const store = ctx.store(balances)
    const [what, key = '', to = ''] = value.split(' ')
    if (what === 'put') return store.put(key, Number(to))
    if (what === 'absent') return store.putIfAbsent(key, Number(to)) ?? 'put'
    if (what === 'delete') return store.delete(key)
    if (what === 'range') return store.range(key, to)
    if (what === 'prefix') return store.prefix(key, { reverse: true })
    if (what === 'all') return store.all({ limit: 2 })
    return store.get(key) ?? 'none'
  })
  for (const [key, value] of [
    ['ann', 1],
    ['bo', 2],
    ['bob', 3],
    ['cy', 4],
  ] as const) {
    answer(driver, `put ${key} ${value}`)
  }
  driver.commit()
  driver.crash()
  expect(answer(driver, 'range b bob')).toEqual([
    ['bo', 2],
    ['bob', 3],
  ])
  expect(answer(driver, 'prefix bo')).toEqual([
    ['bob', 3],
    ['bo', 2],
  ])
  expect(answer(driver, 'delete ann')).toBe(1)
  expect(answer(driver, 'delete ann')).toBeNull()
  expect(answer(driver, 'all')).toEqual([
    ['bo', 2],
    ['bob', 3],
  ])
  expect(answer(driver, 'absent ann 9')).toBe('put')
  expect(answer(driver, 'absent ann 8')).toBe(9)
  expect(answer(driver, 'get zoe')).toBe('none')
})

test('a timestamped store has the time of its values', () => {
  const driver = using((ctx, value) => {
    const store = ctx.store(last)
    const before = store.get('k')
    store.put('k', value)
    store.put('old', value, 3)
    return [before ?? null, store.all(), store.range('old', 'p'), store.prefix('k')]
  })
  answer(driver, 'a', 10)
  expect(answer(driver, 'b', 20)).toEqual([
    { value: 'a', timestamp: 10 },
    [
      ['k', { value: 'b', timestamp: 20 }],
      ['old', { value: 'b', timestamp: 3 }],
    ],
    [['old', { value: 'b', timestamp: 3 }]],
    [['k', { value: 'b', timestamp: 20 }]],
  ])
})

test('windows and sessions are found by time, and go when they are retained no longer', () => {
  const driver = using((ctx, value) => {
    const windows = ctx.store(views)
    const sessions = ctx.store(visits)
    const at = Number(value)
    if (at >= 0) {
      windows.put('k', at, at)
      windows.put('kk', 1, at)
      sessions.put('k', value, { start: at, end: at + 5_000 })
    }
    return [windows.fetch('k', 10_000, 60_000), sessions.find('k', 15_000, 30_000)]
  })
  for (const at of [0, 10_000, 20_000, 40_000]) answer(driver, `${at}`, at)
  driver.commit()
  driver.crash()
  const ten = [10_000, 10_000]
  const twenty = [20_000, 20_000]
  const forty = [40_000, 40_000]
  expect(answer(driver, '-1')).toEqual([
    [ten, twenty, forty],
    [
      [{ start: 10_000, end: 15_000 }, '10000'],
      [{ start: 20_000, end: 25_000 }, '20000'],
    ],
  ])
  answer(driver, '-1', 75_001)
  expect(answer(driver, '-1')).toEqual([
    [twenty, forty],
    [[{ start: 20_000, end: 25_000 }, '20000']],
  ])
  // Too late to be kept.
  expect(answer(driver, '10000')).toEqual([
    [twenty, forty],
    [[{ start: 20_000, end: 25_000 }, '20000']],
  ])
  driver.commit()
  expect(driver.store('views').entries()).toHaveLength(4)
})

test('operators that share a store are in one part, whose topics have to be co-partitioned', () => {
  const shared = topology('shared', (t) => {
    t.stream('deposits', { value: int64 }).processValues('deposit', {
      stores: [balances],
      onRecord(ctx, amount) {
        const store = ctx.store(balances)
        store.put(ctx.key, (store.get(ctx.key) ?? 0) + amount)
      },
    })
    t.stream('questions', { value: string })
      .process('answer', {
        stores: [balances],
        outKey: string,
        out: int64,
        onRecord: (ctx, who) => ctx.emit(ctx.store(balances).get(who) ?? 0, `${ctx.key}?`),
      })
      .to('answers')
  })
  expect(describe(shared)).not.toContain('Sub-topology 1')
  const driver = new TopologyTestDriver(shared)
  driver.input('deposits').send({ key: 'ann', value: 5 }, { key: 'ann', value: 6 })
  driver.commit()
  driver.crash()
  driver.input('questions').send({ key: 'bob', value: 'ann' })
  expect(driver.output('answers').readKeyValues()).toEqual([['bob?', 11]])
})

test('a store of another declaration under a name that is taken is refused', () => {
  const twin = keyValueStore('balances', { key: string, value: string })
  const none = () => undefined
  expect(() =>
    topology('twins', (t) => {
      t.stream('in').processValues('a', { stores: [balances], onRecord: none })
      t.stream('more').processValues('b', { stores: [twin], onRecord: none })
    }),
  ).toThrow('DUPLICATE_NAME')
  expect(() =>
    // @ts-expect-error: this is no store
    topology('none', (t) => t.stream('in').processValues('a', { stores: ['x'], onRecord: none })),
  ).toThrow('INVALID_ARGUMENT')
  const driver = new TopologyTestDriver(
    topology('absent', (t) => {
      t.stream('in').processValues('a', { onRecord: (ctx) => ctx.store(balances) })
    }),
  )
  expect(() => driver.input('in').send({ value: 1 })).toThrow(/"balances" is not among/)
})
