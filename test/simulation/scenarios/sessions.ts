import {
  int64,
  monotonous,
  session,
  sliding,
  string,
  topology,
  type Windowed,
} from '../../../src/index.ts'
import type { SimulatedRecord } from '../../../src/testing/index.ts'
import {
  byKey,
  expectSame,
  lastValues,
  pick,
  reachedIn,
  recordsOf,
  type Records,
  type Scenario,
} from '../scenario.ts'

const keys = ['a', 'b', 'c', 'd'] as const
const gapMs = 400
const differenceMs = 300
const emits = ['update', 'commit', 'final'] as const

/** A session or a window with what it counts, and when it closes for good. */
interface Span {
  readonly start: number
  readonly closesMs: number
  readonly count: number
}

function timesOf(records: readonly SimulatedRecord[]): readonly number[] {
  return records.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b)
}

function sessionsOf(times: readonly number[]): readonly Span[] {
  const ends = times.filter((time, i) => (times[i + 1] ?? Number.POSITIVE_INFINITY) - time > gapMs)
  return ends.map((end, i) => {
    const within = times.filter((time) => time > (ends[i - 1] ?? -1) && time <= end)
    return { start: within[0] ?? end, closesMs: end + gapMs, count: within.length }
  })
}

/** What ends with a record, and what begins behind one and has others. */
function slidingOf(times: readonly number[]): readonly Span[] {
  const starts = new Set(times.flatMap((time) => [time - differenceMs, time + 1]))
  return Array.from(starts, (start) => {
    const end = start + differenceMs
    const count = times.filter((time) => time >= start && time <= end).length
    return { start, closesMs: end + 1, count }
  }).filter(({ count }) => count > 0)
}

function startOf({ key }: SimulatedRecord): number {
  return (key as Windowed<string>).start
}

/** Each span once with all that is in it, or its last change; open ones may be missing. */
function check(what: string, told: Records, spans: readonly Span[], final: boolean, now: number) {
  if (final) {
    expectSame(`${what} told`, told.map(startOf), [...new Set(told.map(startOf))])
    const due = spans.filter(({ start, closesMs }) => {
      return closesMs + 2 < now || told.some((one) => startOf(one) === start)
    })
    const found = new Map(told.map((one) => [startOf(one), one.value]))
    expectSame(what, found, new Map(due.map(({ start, count }) => [start, count])))
    return
  }
  const last = Array.from(lastValues(told), ([key, value]) => {
    return [(JSON.parse(key) as Windowed<string>).start, value] as const
  })
  expectSame(what, new Map(last), new Map(spans.map(({ start, count }) => [start, count])))
}

/** Sessions and sliding windows: what grows and merges, and what each record has of its own. */
export const sessions: Scenario = {
  name: 'sessions',
  make: (random) => {
    const emit = pick(random, emits)
    return {
      topology: topology('sessions', (t) => {
        const visits = t
          .stream('visits', { key: string, value: int64, watermark: monotonous() })
          .groupByKey()
        visits
          .windowedBy(session(gapMs), { emit })
          .aggregate('sessions', {
            init: () => 0,
            add: (count) => count + 1,
            merge: (one, other) => one + other,
            value: int64,
          })
          .to('sessions')
        visits.windowedBy(sliding(differenceMs), { emit }).count('sliding').to('sliding')
      }),
      inputs: {
        visits: (random, nowMs) => ({ key: pick(random, keys), value: 1, timestamp: nowMs }),
      },
      verify: ({ inputs, outputs }) => {
        const final = emit === 'final'
        const visits = recordsOf(inputs, 'visits')
        const told = (topic: string, key: string) =>
          recordsOf(outputs, topic).filter((one) => (one.key as Windowed<string>).key === key)
        for (const mine of byKey(visits).values()) {
          const [first] = mine
          if (first === undefined) continue
          const key = String(first.key)
          const now = reachedIn(visits, [first.partition])
          const times = timesOf(mine)
          check(`sessions of ${key}`, told('sessions', key), sessionsOf(times), final, now)
          check(`sliding of ${key}`, told('sliding', key), slidingOf(times), final, now)
        }
      },
    }
  },
}
