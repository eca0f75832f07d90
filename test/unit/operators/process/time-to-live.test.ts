/** Flink's rules (StateTtlConfig and its tests) for each kind of state. */
import { expect, test } from '@jest/globals'
import {
  int64,
  json,
  listState,
  mapState,
  monotonous,
  none,
  reducingState,
  type StateOptions,
  string,
  topology,
  valueState,
} from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'

/** Asks and tells the states of one key. */
class Subject {
  readonly driver: TopologyTestDriver

  constructor(options: StateOptions) {
    this.driver = new TopologyTestDriver(
      topology('ttl', (t) => {
        t.stream('in', { value: string, watermark: monotonous() })
          .groupByKey()
          .process('p', {
            out: json(),
            state: {
              value: valueState(string, options),
              list: listState(string, options),
              map: mapState(string, string, options),
              sum: reducingState(int64, (a, b) => a + b, options),
            },
            onRecord(ctx, word) {
              const { value, list, map, sum } = ctx.state
              if (word !== '?') {
                value.set(word)
                list.add(word)
                map.set(word, word)
                sum.add(word.length)
              } else ctx.emit([value.get() ?? '', list.get(), map.keys(), sum.get() ?? 0])
            },
          })
          .to('out')
      }),
    )
  }

  say(value: string, timestamp = 0): void {
    this.driver.input('in').send({ key: 'k', value, timestamp })
  }

  ask(timestamp = 0): unknown {
    this.say('?', timestamp)
    return this.driver.output('out').readAll().at(-1)?.value
  }
}

const nothing = ['', [], [], 0]

test('what was not written for so long is gone, each element and entry for itself', () => {
  const subject = new Subject({ ttl: '10s' })
  subject.say('a')
  subject.driver.advanceWallClock('6s')
  subject.say('bb')
  subject.driver.advanceWallClock(3_999)
  expect(subject.ask()).toEqual(['bb', ['a', 'bb'], ['a', 'bb'], 3])
  subject.driver.advanceWallClock(1)
  expect(subject.ask()).toEqual(['bb', ['bb'], ['bb'], 3])
  subject.driver.commit()
  subject.driver.crash()
  expect(subject.ask()).toEqual(['bb', ['bb'], ['bb'], 3])
  subject.driver.advanceWallClock('6s')
  expect(subject.ask()).toEqual(nothing)
  subject.say('c')
  expect(subject.ask()).toEqual(['c', ['c'], ['c'], 1])
})

test('reading is a use where that is wanted', () => {
  const subject = new Subject({ ttl: '10s', refresh: 'read' })
  subject.say('a')
  for (let turn = 0; turn < 3; turn += 1) {
    subject.driver.advanceWallClock('9s')
    expect(subject.ask()).toEqual(['a', ['a'], ['a'], 1])
    subject.driver.commit()
    subject.driver.crash()
  }
  subject.driver.advanceWallClock('10s')
  expect(subject.ask()).toEqual(nothing)
})

test('what is shown until it is cleaned is shown once', () => {
  const subject = new Subject({ ttl: '10s', show: 'until-cleaned' })
  subject.say('a')
  subject.driver.advanceWallClock('15s')
  expect(subject.ask()).toEqual(['a', ['a'], ['a'], 1])
  expect(subject.ask()).toEqual(nothing)
  subject.say('a')
  subject.driver.advanceWallClock('20s')
  expect(subject.ask()).toEqual(nothing)
})

test('event time: a use has the time of its record, and ends by the watermark', () => {
  const subject = new Subject({ ttl: '10s', clock: 'event' })
  subject.say('a', 20_000)
  subject.driver.advanceWallClock('1h')
  subject.say('b', 15_000)
  expect(subject.ask(24_000)).toEqual(['b', ['a', 'b'], ['a', 'b'], 2])
  subject.say('', 25_001)
  expect(subject.ask()).toEqual(['', ['a', ''], ['', 'a'], 2])
})

test('what has expired leaves the stores and the changelogs though nobody asks for it', () => {
  const subject = new Subject({ ttl: '10s' })
  for (let key = 0; key < 700; key += 1) {
    subject.driver.input('in').send({ key: `${key}`, value: 'a' })
  }
  subject.driver.commit()
  const held = () =>
    ['p-value', 'p-list', 'p-map', 'p-sum'].map(
      (name) => subject.driver.store(name).entries().length,
    )
  expect(held()).toEqual([700, 700, 700, 700])
  subject.driver.advanceWallClock('9s')
  subject.driver.advanceWallClock('1s')
  // A slice at a time: nothing waits for all of it.
  expect(held()).toEqual([444, 444, 444, 444])
  for (let turn = 0; turn < 2; turn += 1) subject.driver.advanceWallClock(1)
  expect(held()).toEqual([0, 0, 0, 0])
  subject.driver.commit()
  subject.driver.crash()
  expect(held()).toEqual([0, 0, 0, 0])
})

test('wrong options are refused', () => {
  expect(() => valueState(string, { ttl: '-1s' })).toThrow('INVALID_DURATION')
  expect(() => valueState(string, { ttl: 0 })).toThrow('INVALID_ARGUMENT')
  expect(() => valueState(string, { refresh: 'read' })).toThrow('INVALID_ARGUMENT')
  expect(() =>
    topology('x', (t) => {
      t.stream('in', { watermark: none })
        .groupByKey()
        .process('p', {
          state: { v: valueState(string, { ttl: '1s', clock: 'event' }) },
          onRecord: () => undefined,
        })
    }),
  ).toThrow('NO_EVENT_TIME')
})
