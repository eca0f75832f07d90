import { expect, test } from '@jest/globals'
import {
  broadcastState,
  int32,
  int64,
  json,
  monotonous,
  string,
  topology,
  valueState,
} from '../../../../src/index.ts'
import { planTopology } from '../../../../src/plan/plan-topology.ts'
import { MemoryOutput } from '../../../../src/testing/driver/memory-output.ts'
import { TopologyTestDriver } from '../../../../src/testing/driver/index.ts'
import { TaskBench } from '../../../support/task-bench.ts'

const watermark = monotonous()

test('two streams share the state and timers of a key', () => {
  const driver = new TopologyTestDriver(
    topology('rides', (t) => {
      const starts = t.stream('starts', { value: string, watermark }).groupByKey()
      const ends = t.stream('ends', { value: int64, watermark }).groupByKey()
      starts
        .connect(ends)
        .process('rides', {
          out: string,
          state: { start: valueState(string) },
          onFirst(ctx, place) {
            ctx.state.start.set(place)
            ctx.timers.eventTime(ctx.timestamp + 100)
          },
          onSecond(ctx, fare) {
            ctx.emit(`${ctx.state.start.get() ?? 'nowhere'} for ${fare}`)
            ctx.state.start.clear()
          },
          onTimer(ctx) {
            const start = ctx.state.start.get()
            if (start !== undefined) ctx.emit(`still going from ${start}`)
          },
        })
        .to('rides')
    }),
  )
  const start = (key: string, value: string, timestamp: number) =>
    driver.input('starts').send({ key, value, timestamp })
  const end = (key: string, value: number, timestamp: number) =>
    driver.input('ends').send({ key, value, timestamp })
  start('a', 'home', 10)
  start('b', 'work', 20)
  driver.commit()
  driver.crash()
  end('a', 7, 30)
  end('c', 1, 200)
  expect(driver.output('rides').readKeyValues()).toEqual([
    ['a', 'home for 7'],
    ['c', 'nowhere for 1'],
  ])
  start('d', 'x', 200)
  driver.commit()
  expect(driver.output('rides').readKeyValues()).toEqual([['b', 'still going from work']])
})

test('streams that cannot meet are refused', () => {
  topology('one', (t) => {
    const keyed = t.stream('a', { key: string }).groupByKey()
    const numbers = t.stream('b', { key: int32 }).groupByKey()
    // @ts-expect-error: the keys are of another type
    expect(() => keyed.connect(numbers)).toThrow('NOT_CO_PARTITIONED')
    // @ts-expect-error: this is no stream
    expect(() => keyed.connect('b')).toThrow('INVALID_ARGUMENT')
    topology('other', (o) => {
      const foreign = o.stream('c', { key: string }).groupByKey()
      expect(() => keyed.connect(foreign)).toThrow('FOREIGN_STREAM')
    })
  })
})

interface Rule {
  readonly limit: number
}

/** Orders over the limit of their kind; rules have no event time, orders have. */
const limits = topology('limits', (t) => {
  const rules = t.stream('rules', { key: string, value: json<Rule>() }).broadcast('rules')
  t.stream('orders', { value: json<{ kind: string; amount: number }>(), watermark })
    .groupByKey()
    .connect(rules)
    .process('check', {
      out: string,
      state: { last: valueState(int64) },
      broadcast: { limits: broadcastState(string, json<Rule>()) },
      onBroadcast(ctx, rule) {
        if (rule.limit < 0) ctx.broadcast.limits.delete(ctx.key)
        else ctx.broadcast.limits.set(ctx.key, rule)
      },
      onRecord(ctx, { kind, amount }) {
        const rule = ctx.broadcast.limits.get(kind)
        if (rule !== undefined && amount > rule.limit) ctx.emit(`${kind} ${amount}`)
        ctx.state.last.set(amount)
        ctx.timers.eventTime(ctx.timestamp + 5)
        // @ts-expect-error: it is only read here
        if (amount < 0) ctx.broadcast.limits.set('x', { limit: 0 })
      },
      onTimer: (ctx) => ctx.emit(`${ctx.broadcast.limits.keys().join()}: ${ctx.state.last.get()}`),
    })
    .to('out')
})

test('every task has the whole broadcast, which only the broadcast changes', () => {
  const driver = new TopologyTestDriver(limits)
  const rule = (kind: string, limit: number) =>
    driver.input('rules').send({ key: kind, value: { limit } })
  const order = (amount: number, timestamp: number, kind = 'tea') =>
    driver.input('orders').send({ key: 'k', value: { kind, amount }, timestamp })
  const told = () =>
    driver
      .output('out')
      .readAll()
      .map(({ value }) => value)
  order(10, 0)
  rule('tea', 5)
  rule('milk', 7)
  driver.commit()
  driver.crash()
  order(6, 1)
  order(6, 2, 'milk')
  expect(told()).toEqual(['tea 6'])
  rule('tea', -1)
  order(9, 6)
  // The rules' topic has no watermark, and holds none back.
  driver.advanceWatermark(6)
  expect(told()).toEqual(['milk: 9', 'milk: 9'])
  expect(() => order(-1, 7)).toThrow(/USER_FUNCTION_FAILED.*onBroadcast only/)
})

test('each record of a broadcast goes to every partition', () => {
  const plan = planTopology(limits)
  const index = plan.subTopologies.findIndex(({ sourceTopics }) => sourceTopics.includes('rules'))
  const output = new MemoryOutput(() => 3)
  const bench = new TaskBench(plan, index, { output }).start()
  bench.send('rules', { key: 'tea', value: '{"limit":1}' })
  bench.run()
  for (const partition of [0, 1, 2]) {
    expect(bench.read('limits-rules-repartition', partition)).toEqual([['tea', '{"limit":1}']])
  }
  const topic = plan.internalTopics.find(({ name }) => name === 'limits-rules-repartition')
  expect(topic).toMatchObject({ partitions: { largestOf: ['orders'] } })
})
