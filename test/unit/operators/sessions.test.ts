import { expect, test } from '@jest/globals'
import { monotonous, session, string, topology } from '../../../src/index.ts'
import { describe } from '../../../src/plan/describe.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'
import type { WindowEmit } from '../../../src/operators/spec.ts'

const counted = (emit: WindowEmit, grace = 0) =>
  topology('test', (t) => {
    t.stream('in', { value: string, watermark: monotonous() })
      .groupByKey()
      .windowedBy(session(10), { emit, grace })
      .count('visits')
      .toStream()
      .map((count, { key, start, end }) => [key, `${start}-${end} ${count ?? 'gone'}`])
      .to('out', { key: string, value: string })
  })

const told = (driver: TopologyTestDriver) => driver.output('out').readKeyValues()

const visit = (timestamp: number, key = 'a') => ({ key, value: '', timestamp })

test('a session that grows deletes the one before; one that is filled merges two', () => {
  const driver = new TopologyTestDriver(counted('update'))
  driver.input('in').send(visit(100), visit(109), visit(100, 'b'))
  expect(told(driver)).toEqual([
    ['a', '100-100 1'],
    ['a', '100-100 gone'],
    ['a', '100-109 2'],
    ['b', '100-100 1'],
  ])
  driver.input('in').send(visit(108))
  expect(told(driver)).toEqual([['a', '100-109 3']])
  expect(driver.store('visits').entries()).toEqual([
    [{ key: 'a', start: 100, end: 109 }, 3],
    [{ key: 'b', start: 100, end: 100 }, 1],
  ])
})

test('records exactly the gap apart are one session; a late one between two joins them', () => {
  const driver = new TopologyTestDriver(counted('update', 50))
  driver.input('in').send(visit(100), visit(111))
  driver.commit()
  driver.crash()
  told(driver)
  driver.input('in').send(visit(101))
  expect(told(driver)).toEqual([
    ['a', '100-100 gone'],
    ['a', '111-111 gone'],
    ['a', '100-111 3'],
  ])
})

test('a final session is told once, when the watermark reaches its end, gap and grace', () => {
  const driver = new TopologyTestDriver(counted('final', 5))
  driver.input('in').send(visit(100), visit(110), visit(124))
  driver.advanceWatermark(124)
  expect(told(driver)).toEqual([])
  driver.advanceWatermark(125)
  expect(told(driver)).toEqual([['a', '100-110 2']])
  driver.crash()
  driver.input('in').send(visit(110), visit(112), visit(114))
  driver.advanceWatermark(200)
  // 110 would be a closed session; 112 is near one, but takes no part in what has been told.
  expect(told(driver)).toEqual([['a', '112-124 3']])
})

test('at a commit, sessions that came and went in its epoch are not told', () => {
  const driver = new TopologyTestDriver(counted('commit'))
  driver.input('in').send(visit(100), visit(105))
  driver.commit()
  expect(told(driver)).toEqual([['a', '100-105 2']])
  driver.input('in').send(visit(107))
  driver.commit()
  expect(told(driver)).toEqual([
    ['a', '100-105 gone'],
    ['a', '100-107 3'],
  ])
})

test('sessions are described, and refused without a merge function', () => {
  expect(describe(counted('final', 5))).toContain(
    'store visits; sessions 10ms apart, grace 5ms, emits once when it closes',
  )
  expect(() =>
    topology('test', (t) => {
      const options = { init: () => 0, add: (sum: number) => sum + 1, ...JSON.parse('{}') }
      t.stream('in', { watermark: monotonous() })
        .groupByKey()
        .windowedBy(session('30m'))
        .aggregate('sums', options)
    }),
  ).toThrow('INVALID_ARGUMENT: merge of aggregate("sums") needs a function')
})
