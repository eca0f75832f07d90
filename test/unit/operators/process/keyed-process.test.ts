import { expect, test } from '@jest/globals'
import {
  aggregatingState,
  boolean,
  type ErrorPolicy,
  int64,
  json,
  listState,
  mapState,
  monotonous,
  outputTag,
  reducingState,
  string,
  topology,
  valueState,
} from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'

const source = { value: string, watermark: monotonous() } as const

const send = (driver: TopologyTestDriver, key: string | null, value: string, timestamp = 0) =>
  driver.input<string, string>('in').send({ key, value, timestamp })

const told = (driver: TopologyTestDriver) =>
  driver
    .output<string, string>('out')
    .readAll()
    .map(({ key, value, timestamp }) => `${key} ${value} @${timestamp}`)

test('each key has a state of its own, which survives a crash as far as it was committed', () => {
  const driver = new TopologyTestDriver(
    topology('last', (t) => {
      t.stream('in', source)
        .groupByKey()
        .process('last', {
          out: string,
          state: { value: valueState(string) },
          onRecord({ state }, value) {
            if (value === 'clear') state.value.clear()
            else state.value.set(value)
          },
        })
        .to('out')
    }),
  )
  send(driver, 'a', 'x')
  send(driver, 'b', 'y')
  driver.commit()
  send(driver, 'a', 'clear')
  expect(driver.store('last-value').entries()).toEqual([['b', 'y']])
  driver.crash()
  send(driver, 'b', 'z')
  expect(driver.store('last-value').entries()).toEqual([['b', 'z']])
})

test('all kinds of state keep what they were given', () => {
  const driver = new TopologyTestDriver(
    topology('kinds', (t) => {
      t.stream('in', source)
        .groupByKey()
        .process('p', {
          out: json(),
          state: {
            list: listState(string),
            map: mapState(string, int64),
            sum: reducingState(int64, (a, b) => a + b),
            mean: aggregatingState({
              value: json<number[]>(),
              init: () => [0, 0],
              add: ([sum = 0, count = 0], value: number) => [sum + value, count + 1],
              result: ([sum = 0, count = 0]) => sum / count,
            }),
          },
          onRecord(ctx, value) {
            const { list, map, sum, mean } = ctx.state
            list.add(value)
            map.set(value, (map.get(value) ?? 0) + 1)
            sum.add(value.length)
            mean.add(value.length)
            if (value === '-') map.delete('b')
            if (value === '!') {
              for (const state of [list, map, sum, mean]) state.clear()
            }
            ctx.emit([list.get(), map.entries(), sum.get(), mean.get(), map.isEmpty(), ctx.key])
          },
        })
        .to('out')
    }),
  )
  const results = () =>
    driver
      .output('out')
      .readAll()
      .map(({ value }) => value)
  for (const [key, value] of [
    ['k', 'b'],
    ['k', 'aaa'],
    ['kk', 'aaa'],
    ['k', 'b'],
  ] as const) {
    send(driver, key, value)
    driver.commit()
    driver.crash()
  }
  expect(results()).toEqual([
    [['b'], [['b', 1]], 1, 1, false, 'k'],
    [
      ['b', 'aaa'],
      [
        ['aaa', 1],
        ['b', 1],
      ],
      4,
      2,
      false,
      'k',
    ],
    [['aaa'], [['aaa', 1]], 3, 3, false, 'kk'],
    [
      ['b', 'aaa', 'b'],
      [
        ['aaa', 1],
        ['b', 2],
      ],
      5,
      5 / 3,
      false,
      'k',
    ],
  ])
  send(driver, 'k', '-')
  send(driver, 'k', '!')
  expect(results().slice(-2)).toEqual([
    [
      ['b', 'aaa', 'b', '-'],
      [
        ['-', 1],
        ['aaa', 1],
      ],
      6,
      1.5,
      false,
      'k',
    ],
    [[], [], null, null, true, 'k'],
  ])
  driver.commit()
  expect(driver.store('p-map').entries()).toEqual([[['kk', 'aaa'], 1]])
})

test('an object of a state may be changed in place; what is only read is not written again', () => {
  const driver = new TopologyTestDriver(
    topology('in-place', (t) => {
      t.stream('in', source)
        .groupByKey()
        .process('p', {
          state: { seen: valueState(json<string[]>()) },
          onRecord(ctx, value) {
            const seen = ctx.state.seen.get()
            if (seen === undefined) ctx.state.seen.set([value])
            else if (value !== 'look') seen.push(value)
          },
        })
    }),
  )
  const changes = () => driver.output('in-place-p-seen-changelog', bytesOf).readAll().length
  const bytesOf = { key: string, value: string }
  send(driver, 'k', 'a')
  driver.commit()
  expect(changes()).toBe(1)
  send(driver, 'k', 'look')
  driver.commit()
  expect(changes()).toBe(0)
  send(driver, 'k', 'b')
  driver.commit()
  expect(changes()).toBe(1)
  send(driver, 'k', 'dropped')
  driver.crash()
  driver.crash()
  expect(driver.store('p-seen').get('k')).toEqual(['a', 'b', 'dropped'])
})

const alarm = (onError: ErrorPolicy = 'fail') =>
  topology('alarm', (t) => {
    t.stream('in', source)
      .groupByKey()
      .process('alarm', {
        out: string,
        onError,
        state: { count: valueState(int64) },
        onRecord(ctx, value) {
          const [what, at = '0'] = value.split(' ')
          ctx.state.count.set((ctx.state.count.get() ?? 0) + 1)
          if (what === 'event') ctx.timers.eventTime(Number(at))
          if (what === 'wall') ctx.timers.wallTime(Number(at))
          if (what === 'off') ctx.timers.deleteEventTime(Number(at))
          if (what === 'throw') {
            ctx.timers.eventTime(1)
            ctx.emit('nothing')
            throw new Error('no')
          }
        },
        onTimer(ctx, { clock, time }) {
          ctx.emit(`${clock} ${time} of ${ctx.state.count.get()} at ${ctx.watermark}`)
          if (time === 50) ctx.timers.eventTime(40)
          if (time === 60) throw new Error('no')
        },
      })
      .to('out')
  })

test('timers are called once each, in the order of their times, before the records behind', () => {
  const driver = new TopologyTestDriver(alarm())
  send(driver, 'b', 'event 20', 0)
  send(driver, 'a', 'event 20', 0)
  send(driver, 'a', 'event 20', 0)
  send(driver, 'a', 'event 10', 0)
  send(driver, 'a', 'event 15', 0)
  send(driver, 'a', 'off 15', 0)
  send(driver, 'a', 'off 99', 0)
  expect(told(driver)).toEqual([])
  send(driver, 'a', 'nothing', 21)
  expect(told(driver)).toEqual([
    'a event 10 of 7 at 20 @10',
    'a event 20 of 7 at 20 @20',
    'b event 20 of 1 at 20 @20',
  ])
  driver.commit()
  expect(driver.store('alarm-timers').entries()).toEqual([])
})

test('a timer that is set while timers are called, for a time that has come, is called too', () => {
  const driver = new TopologyTestDriver(alarm())
  send(driver, 'a', 'event 50')
  send(driver, 'a', 'event 55')
  driver.advanceWatermark(70)
  expect(told(driver)).toEqual([
    'a event 50 of 2 at 70 @50',
    'a event 40 of 2 at 70 @40',
    'a event 55 of 2 at 70 @55',
  ])
})

test('timers survive a crash, and those of the wall clock are called at once when overdue', () => {
  const driver = new TopologyTestDriver(alarm(), { now: 1_000 })
  send(driver, 'a', 'wall 3000')
  send(driver, 'a', 'wall 1500')
  send(driver, 'a', 'event 500')
  driver.commit()
  driver.advanceWallClock('1s')
  expect(told(driver)).toEqual(['a wall 1500 of 3 at -1 @1500'])
  driver.crash()
  expect(told(driver)).toEqual(['a wall 1500 of 3 at -1 @1500'])
  driver.commit()
  driver.advanceWallClock('5s')
  driver.advanceWatermark(500)
  driver.crash()
  expect(told(driver)).toEqual(['a wall 3000 of 3 at -1 @3000', 'a event 500 of 3 at 500 @500'])
})

test('a record without a key is left out and counted', () => {
  const driver = new TopologyTestDriver(alarm())
  send(driver, null, 'event 1')
  driver.commit()
  expect(driver.store('alarm-count').entries()).toEqual([])
})

test('a call that ends in an error leaves nothing behind where its epoch goes on', () => {
  const driver = new TopologyTestDriver(alarm('skip'))
  send(driver, 'a', 'event 60')
  send(driver, 'a', 'throw')
  driver.advanceWatermark(30)
  expect(told(driver)).toEqual([])
  expect(driver.store('alarm-count').get('a')).toBe(1)
  driver.advanceWatermark(80)
  expect(told(driver)).toEqual([])
  driver.commit()
  expect(driver.store('alarm-timers').entries()).toEqual([])
})

test('under the policy fail the error says where it was', () => {
  const driver = new TopologyTestDriver(alarm())
  expect(() => send(driver, 'a', 'throw')).toThrow(/USER_FUNCTION_FAILED.*node alarm/)
})

test('the error of an operator behind is its own, even if the function catches it', () => {
  const driver = new TopologyTestDriver(
    topology('behind', (t) => {
      t.stream('in', source)
        .groupByKey()
        .process('p', {
          out: string,
          onError: 'fail',
          onRecord(ctx, value) {
            try {
              ctx.emit(value)
            } catch {
              ctx.emit('caught')
            }
          },
        })
        .mapValues(
          (value) => {
            if (value === 'bad') throw new Error('no')
            return value
          },
          { name: 'picky' },
        )
        .to('out')
    }),
  )
  expect(() => send(driver, 'a', 'bad')).toThrow(/USER_FUNCTION_FAILED.*node picky/)
})

test('side outputs are streams of their own', () => {
  const odd = outputTag('odd', json<{ readonly n: number }>())
  const driver = new TopologyTestDriver(
    topology('sides', (t) => {
      const evens = t
        .stream('in', source)
        .groupByKey()
        .process('parity', {
          out: string,
          sides: [odd],
          onRecord(ctx, value) {
            if (Number(value) % 2 === 0) ctx.emit(value)
            else ctx.side(odd, { n: Number(value) }, 7)
          },
        })
      evens.to('out')
      evens.sideOutput(odd).to('odd')
      expect(() => evens.filter(() => true).sideOutput(odd)).toThrow('INVALID_ARGUMENT')
      expect(() => evens.sideOutput(outputTag('odd', boolean))).toThrow('INVALID_ARGUMENT')
    }),
  )
  send(driver, 'a', '1')
  send(driver, 'a', '2')
  expect(told(driver)).toEqual(['a 2 @0'])
  expect(driver.output('odd').readAll()).toEqual([
    { key: 'a', value: { n: 1 }, timestamp: 7, headers: [] },
  ])
})

test('a state is serialised at the commit, once for each key, and not when it is used', () => {
  let written = 0
  const counting = {
    ...json<{ n: number }>(),
    serialize(value: { n: number }) {
      written += 1
      return json<{ n: number }>().serialize(value)
    },
  }
  const driver = new TopologyTestDriver(
    topology('counting', (t) => {
      t.stream('in', source)
        .groupByKey()
        .process('p', {
          state: { count: valueState(counting) },
          onRecord(ctx) {
            const count = ctx.state.count.get() ?? { n: 0 }
            count.n += 1
            ctx.state.count.set(count)
          },
        })
    }),
  )
  for (let turn = 0; turn < 100; turn += 1) send(driver, `k${turn % 2}`, 'x')
  expect(written).toBe(0)
  driver.commit()
  expect(written).toBe(2)
  expect(driver.store('p-count').get('k1')).toEqual({ n: 50 })
})

test('behind a table that tells at commits, timers are called behind what it tells', () => {
  const driver = new TopologyTestDriver(
    topology('at-commit', (t) => {
      t.table('in', { value: string, watermark: monotonous(), emit: 'commit' })
        .toStream()
        .groupByKey()
        .process('p', {
          out: string,
          onRecord(ctx, value) {
            ctx.emit(value)
            ctx.timers.eventTime(ctx.timestamp + 5)
          },
          onTimer: (ctx, { time }) => ctx.emit(`timer ${time}`),
        })
        .to('out')
    }),
  )
  send(driver, 'a', 'x', 0)
  send(driver, 'a', 'y', 1)
  send(driver, 'b', 'z', 10)
  expect(told(driver)).toEqual([])
  driver.commit()
  expect(told(driver)).toEqual(['a y @1', 'b z @10', 'a timer 6 @6'])
  driver.crash()
  driver.advanceWatermark(20)
  expect(told(driver)).toEqual(['b timer 15 @15'])
})
