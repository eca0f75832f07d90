import { expect, test } from '@jest/globals'
import { int64, keyValueStore, monotonous, string, topology } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'

const seen = keyValueStore('seen', { key: string, value: int64 })

/** Counts words, and tells the counts on both clocks. */
const ticking = topology('ticking', (t) => {
  t.stream('in', { value: string, watermark: monotonous() })
    .process('p', {
      out: int64,
      outKey: string,
      stores: [seen],
      onStart(ctx) {
        const tell = (clock: string) => (time: number) => {
          const { length } = ctx.store(seen).all()
          ctx.emit(length, `${clock} ${time} ${ctx.key}`)
        }
        ctx.every('10s', 'event', tell('event'))
        const minute = ctx.every('1m', 'wall', tell('wall'), { offset: '5s' })
        ctx.every('3m', 'wall', () => minute.cancel())
      },
      onRecord: (ctx, word) => ctx.store(seen).put(word, 1),
    })
    .to('out')
})

const say = (driver: TopologyTestDriver, value: string, timestamp: number) =>
  driver.input('in').send({ key: 'k', value, timestamp })

const told = (driver: TopologyTestDriver) => driver.output('out').readKeyValues()

test('event time passes multiples of the interval, each once through crashes', () => {
  const driver = new TopologyTestDriver(ticking)
  say(driver, 'a', 4_000)
  say(driver, 'b', 10_000)
  expect(told(driver)).toEqual([])
  say(driver, 'c', 10_001)
  expect(told(driver)).toEqual([['event 10000 null', 3]])
  driver.commit()
  driver.crash()
  say(driver, 'd', 20_000)
  expect(told(driver)).toEqual([])
  // Several multiples at once count as one.
  say(driver, 'e', 55_000)
  expect(told(driver)).toEqual([['event 54999 null', 5]])
  driver.crash()
  expect(told(driver)).toEqual([['event 54999 null', 5]])
  say(driver, 'f', 60_001)
  expect(told(driver)).toEqual([['event 60000 null', 6]])
})

test('the wall clock passes multiples from its offset on, until that is cancelled', () => {
  const driver = new TopologyTestDriver(ticking, { now: 30_000 })
  driver.advanceWallClock('34s')
  expect(told(driver)).toEqual([])
  driver.advanceWallClock('1s')
  expect(told(driver)).toEqual([['wall 65000 null', 0]])
  driver.commit()
  driver.crash()
  expect(told(driver)).toEqual([])
  driver.advanceWallClock('1m')
  expect(told(driver)).toEqual([['wall 125000 null', 0]])
  driver.advanceWallClock('10m')
  expect(told(driver)).toEqual([])
})

test('what a punctuation cannot do is told', () => {
  const wrong = (timed: boolean, interval: number) =>
    topology('wrong', (t) => {
      const watermark = monotonous()
      t.stream('in', { value: string, ...(timed ? { watermark } : {}) })
        .groupByKey()
        .process('p', {
          out: string,
          onStart(ctx) {
            ctx.every(interval, 'event', () => ctx.emit('whose?'))
          },
          onRecord: () => undefined,
        })
        .to('out')
    })
  expect(() => new TopologyTestDriver(wrong(false, 1))).toThrow('no source upstream')
  expect(() => new TopologyTestDriver(wrong(true, 0))).toThrow('less than 1 ms')
  const driver = new TopologyTestDriver(wrong(true, 10))
  say(driver, 'a', 1)
  expect(() => driver.advanceWatermark(10)).toThrow(/USER_FUNCTION_FAILED.*none in work/)
})

test('commit() ends the epoch soon', () => {
  const driver = new TopologyTestDriver(
    topology('commits', (t) => {
      t.stream('in', { value: string })
        .processValues('p', {
          out: string,
          onRecord(ctx, value) {
            ctx.emit(value)
            if (value === 'now') ctx.commit()
          },
        })
        .to('out')
    }),
  )
  const send = (value: string) => driver.input('in').send({ value })
  send('a')
  driver.crash()
  send('now')
  driver.output('out').readAll()
  driver.crash()
  expect(driver.output('out').readAll()).toEqual([])
})
