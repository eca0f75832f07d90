/** Versioned tables against all that was ever put. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { int64, monotonous, topology } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/driver/index.ts'

const retentionMs = 10
const application = topology('test', (t) => {
  const table = t.table('table', { value: int64, versioned: retentionMs })
  t.stream('stream', { value: int64 })
    .leftJoin('joined', table, (_, row) => row ?? -1)
    .to('out', { value: int64 })
})

const action = fc.oneof(
  { weight: 6, arbitrary: sent('table') },
  { weight: 6, arbitrary: sent('stream') },
  { weight: 1, arbitrary: fc.constant({ topic: 'commit' as const }) },
)

function sent<T extends 'table' | 'stream'>(topic: T) {
  return fc.record({
    topic: fc.constant(topic),
    key: fc.constantFrom('k', 'l'),
    value: fc.option(fc.nat(5), { freq: 4 }),
    timestamp: fc.nat(40),
  })
}

/** What is there of a key at a time: of equal times, what came last. */
class History {
  readonly #puts: { key: string; time: number; value: number | null }[] = []
  #observed = Number.NEGATIVE_INFINITY

  put(key: string, time: number, value: number | null): void {
    this.#observed = Math.max(this.#observed, time)
    if (time >= this.#observed - retentionMs) this.#puts.push({ key, time, value })
  }

  at(key: string, time: number): number {
    const all = this.#puts.filter((one) => one.key === key).toSorted((a, b) => a.time - b.time)
    const then = all.findLast((one) => one.time <= time)
    const isPresent = then === all.at(-1)
    return isPresent || time >= this.#observed - retentionMs ? (then?.value ?? -1) : -1
  }
}

test('a join finds what was there at the time of its record, through restarts', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
      const driver = new TopologyTestDriver(application)
      const history = new History()
      const expected: number[] = []
      for (const one of actions) {
        if (one.topic === 'commit') {
          driver.commit()
          driver.crash()
          continue
        }
        const { topic, ...record } = one
        driver.input(topic).send(record)
        if (topic === 'table') history.put(one.key, one.timestamp, one.value)
        else if (one.value !== null) expected.push(history.at(one.key, one.timestamp))
      }
      const found = driver.output<string, number>('out').readKeyValues()
      expect(found.map(([, row]) => row)).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})

const graceMs = 4
const waiting = topology('waiting', (t) => {
  const table = t.table('table', { value: int64, versioned: retentionMs })
  t.stream('stream', { value: int64, watermark: monotonous() })
    .leftJoin('joined', table, (value, row) => ({ value, row: row ?? -1 }), { grace: graceMs })
    .to('out')
})

/** Records in the order of their times, of their keys, and of their coming. */
class Waiting {
  #all: { key: string; time: number; value: number }[] = []
  #watermark = Number.NEGATIVE_INFINITY

  isLate(time: number): boolean {
    return time + graceMs <= this.#watermark
  }

  add(key: string, time: number, value: number): void {
    this.#all.push({ key, time, value })
  }

  /** What goes on when the watermark is a millisecond behind this time. */
  reach(time: number) {
    this.#watermark = Math.max(this.#watermark, time - 1)
    const due = this.#all.filter((one) => this.isLate(one.time))
    this.#all = this.#all.filter((one) => !this.isLate(one.time))
    return due.toSorted((a, b) => a.time - b.time || a.key.localeCompare(b.key))
  }
}

test('records that wait find what came until then of their time, through restarts', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
      const driver = new TopologyTestDriver(waiting)
      const history = new History()
      const kept = new Waiting()
      const expected: [string, { value: number; row: number }][] = []
      const join = (one: { key: string; time: number; value: number }) =>
        expected.push([one.key, { value: one.value, row: history.at(one.key, one.time) }])
      for (const one of actions) {
        if (one.topic === 'commit') {
          driver.commit()
          driver.crash()
          continue
        }
        const { topic, key, value, timestamp: time } = one
        driver.input(topic).send(one)
        if (topic === 'table') history.put(key, time, value)
        else {
          if (value !== null && kept.isLate(time)) join({ key, time, value })
          else if (value !== null) kept.add(key, time, value)
          for (const due of kept.reach(time)) join(due)
        }
      }
      expect(driver.output('out').readKeyValues()).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})
