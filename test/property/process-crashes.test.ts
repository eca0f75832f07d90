/** Process functions in the driver that crashes and commits anywhere. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  int64,
  json,
  listState,
  mapState,
  monotonous,
  string,
  topology,
  valueState,
} from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/driver/index.ts'

const alarms = topology('alarms', (t) => {
  t.stream('in', { value: int64 })
    .groupByKey()
    .process('alarms', {
      out: int64,
      onRecord: (ctx, time) => ctx.timers.wallTime(time),
      onTimer: (ctx, { time }) => ctx.emit(time),
    })
    .to('out')
})

const key = fc.constantFrom('a', 'b', 'ab')
const turn = fc.oneof(
  fc.record({ kind: fc.constant('alarm' as const), key, ahead: fc.integer({ min: -5, max: 60 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constantFrom('commit' as const, 'crash' as const) }),
)

test('a wall-clock timer is called once for each key and time, in the order of its key', () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 50, size: 'max' }), (turns) => {
      const driver = new TopologyTestDriver(alarms)
      const asked = new Map<string, Set<number>>()
      let now = 0
      for (const one of turns) {
        if (one.kind === 'alarm') {
          // Another time for each: one that was called may be asked for again.
          const time = (now + one.ahead) * 100 + (asked.get(one.key)?.size ?? 0)
          asked.set(one.key, (asked.get(one.key) ?? new Set()).add(time))
          driver.input('in').send({ key: one.key, value: time })
        } else if (one.kind === 'wait') {
          now += one.ms
          driver.advanceWallClock(one.ms * 100)
        } else driver[one.kind]()
      }
      driver.commit()
      driver.crash()
      driver.advanceWallClock('1h')
      driver.commit()
      const told = driver.output<string, number>('out').readKeyValues()
      const byKey = Map.groupBy(told, ([key]) => key ?? '')
      expect([...byKey.keys()].toSorted()).toEqual([...asked.keys()].toSorted())
      for (const [key, times] of byKey) {
        const called = times.map(([, time]) => time ?? 0).toSorted((a, b) => a - b)
        expect(called).toEqual([...(asked.get(key) ?? [])].toSorted((a, b) => a - b))
      }
      expect(driver.store('alarms-timers').entries()).toEqual([])
    }),
    { numRuns: 40 },
  )
})

const ttl = { ttl: 10, clock: 'event' } as const

const memory = topology('memory', (t) => {
  t.stream('in', { value: string, watermark: monotonous() })
    .groupByKey()
    .process('memory', {
      out: json(),
      state: {
        value: valueState(string, ttl),
        list: listState(string, ttl),
        map: mapState(string, string, ttl),
      },
      onRecord(ctx, word) {
        const { value, list, map } = ctx.state
        ctx.emit([value.get() ?? null, list.get(), map.keys()])
        value.set(word)
        list.add(word)
        map.set(word, word)
      },
    })
    .to('out')
})

const word = fc.record({
  kind: fc.constant('word' as const),
  key,
  word: fc.constantFrom('x', 'y', 'z'),
  ahead: fc.integer({ min: -6, max: 5 }),
})
const step = fc.oneof(
  { weight: 6, arbitrary: word },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'crash' as const) }),
  },
)

interface Use {
  readonly word: string
  readonly time: number
}

/** What a key remembers of the words that were said to it, by their times alone. */
function remembered(uses: readonly Use[], watermark: number): readonly unknown[] {
  const lives = (time: number) => time + 10 > watermark
  // A value has the latest time of those that were there when it was set.
  let last: Use | undefined
  const map = new Map<string, number>()
  for (const { word, time } of uses) {
    last = { word, time: Math.max(time, last?.time ?? 0) }
    map.set(word, Math.max(time, map.get(word) ?? 0))
  }
  return [
    last !== undefined && lives(last.time) ? last.word : null,
    uses.filter(({ time }) => lives(time)).map(({ word }) => word),
    [...map].flatMap(([word, time]) => (lives(time) ? [word] : [])).toSorted(),
  ]
}

test('state lives by event time as a list of its uses says, whatever is cleaned or crashes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const driver = new TopologyTestDriver(memory)
      const uses = new Map<string, Use[]>()
      const expected: unknown[] = []
      let highest = -1
      for (const one of steps) {
        if (one.kind !== 'word') {
          driver[one.kind]()
          continue
        }
        const timestamp = Math.max(0, Math.max(0, highest) + one.ahead)
        const own = uses.get(one.key) ?? []
        expected.push(remembered(own, highest - 1))
        uses.set(one.key, [...own, { word: one.word, time: timestamp }])
        highest = Math.max(highest, timestamp)
        driver.input('in').send({ key: one.key, value: one.word, timestamp })
      }
      driver.commit()
      const told = driver.output('out').readAll()
      expect(told.map(({ value }) => value)).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})
