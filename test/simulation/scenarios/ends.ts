/**
 * What a random topology ends in: folds, windows, tables of tables, joins, processors with timers.
 * Each comes with what its output has to be, whatever order the records come in.
 */
import {
  int32,
  int64,
  string,
  type Stream,
  tumbling,
  valueState,
  type Windowed,
} from '../../../src/index.ts'
import { byKey, expectSame, lastValues, type Records } from '../scenario.ts'
import type { Pair } from './links.ts'

/** A record as the oracle has it. */
export interface Item extends Pair {
  readonly timestamp: number
}

export interface End {
  /** The topic that it writes. */
  readonly topic: string
  readonly attach: (stream: Stream<number, number>, emit: 'update' | 'commit') => void
  /** @param reached The event time that every input has reached. */
  readonly verify: (output: Records, items: readonly Item[], reached: number) => void
}

const sizeMs = 1_500
const withinMs = 40
const afterMs = 600

const keyed = (stream: Stream<number, number>, name: string) =>
  stream.groupBy(name, (_value, key) => key, { key: int32, value: int64 })

function foldOf(
  items: readonly Item[],
  nameOf: (item: Item) => string | number,
  fold: (before: number | undefined, value: number) => number,
): Map<string, number> {
  const folded = new Map<string, number>()
  for (const item of items) {
    const name = JSON.stringify(nameOf(item))
    folded.set(name, fold(folded.get(name), item.value))
  }
  return folded
}

const sum = (before: number | undefined, value: number) => (before ?? 0) + value
const highest = (before: number | undefined, value: number) => Math.max(before ?? value, value)

const sums: End = {
  topic: 'sums',
  attach: (stream, emit) =>
    keyed(stream, 'for-sums')
      .aggregate('sums', { init: () => 0, add: (all, value) => all + value, value: int64, emit })
      .to('sums', { key: int32 }),
  verify: (output, items) =>
    expectSame(
      'sums',
      lastValues(output),
      foldOf(items, ({ key }) => key, sum),
    ),
}

const perWindow: End = {
  topic: 'per-window',
  attach: (stream, emit) =>
    keyed(stream, 'for-windows')
      .windowedBy(tumbling(sizeMs), { grace: '1h', emit })
      .count('per-window')
      .toStream()
      .map((count, { key, start }: Windowed<number>) => [`${key}@${start}`, count])
      .to('per-window', { key: string, value: int64 }),
  verify: (output, items) => {
    const windowOf = ({ key, timestamp }: Item) => `${key}@${timestamp - (timestamp % sizeMs)}`
    const counts = foldOf(items, windowOf, (before) => (before ?? 0) + 1)
    expectSame('counts per window', lastValues(output), counts)
  },
}

/** Rows move from group to group: what they added there is taken back. */
const regrouped: End = {
  topic: 'regrouped',
  attach: (stream, emit) =>
    keyed(stream, 'for-highest')
      .reduce('highest', (one, other) => Math.max(one, other), { value: int64, emit })
      .groupBy('by-highest', (value) => [value % 3, value], { key: int32, value: int64 })
      .aggregate('regrouped', {
        init: () => 0,
        add: (all, value) => all + value,
        subtract: (all, value) => all - value,
        value: int64,
      })
      .to('regrouped', { key: int32 }),
  verify: (output, items) => {
    const rows = [...foldOf(items, ({ key }) => key, highest).values()]
    const groups = new Map<string, number>()
    for (const value of rows) {
      groups.set(String(value % 3), (groups.get(String(value % 3)) ?? 0) + value)
    }
    // A group that lost its last row stays with nothing in it.
    const found = [...lastValues(output)].filter(([key, all]) => groups.has(key) || all !== 0)
    expectSame('highest by remainder', new Map(found), groups)
  },
}

/** Two tables of one key. */
const joinedTables: End = {
  topic: 'lowest-and-count',
  attach: (stream, emit) => {
    const by = keyed(stream, 'for-tables')
    const lowest = by.reduce('lowest', (one, other) => Math.min(one, other), { value: int64, emit })
    lowest
      .join('lowest-and-count', by.count('how-many', { emit }), (low, count) => `${low}/${count}`)
      .to('lowest-and-count', { key: int32, value: string })
  },
  verify: (output, items) => {
    const rows = new Map<string, string>()
    const lowest = foldOf(
      items,
      ({ key }) => key,
      (before, value) => Math.min(before ?? value, value),
    )
    const counts = foldOf(
      items,
      ({ key }) => key,
      (before) => (before ?? 0) + 1,
    )
    for (const [key, low] of lowest) rows.set(key, `${low}/${counts.get(key)}`)
    expectSame('lowest and count', lastValues(output), rows)
  },
}

/** A stream with itself: those that are even with those that are odd. */
const pairs: End = {
  topic: 'pairs',
  attach: (stream) => {
    const numbers = stream.repartition('for-pairs', { key: int32, value: int64 })
    const even = numbers.filter((value) => value % 2 === 0)
    const odd = numbers.filter((value) => value % 2 !== 0)
    even
      .join('pairs', odd, (one, other) => `${one}+${other}`, { within: withinMs, grace: '1h' })
      .to('pairs', { key: int32, value: string })
  },
  verify: (output, items) => {
    const expected = items.flatMap((one) =>
      items
        .filter((other) => one.key === other.key && one.value % 2 === 0 && other.value % 2 !== 0)
        .filter((other) => Math.abs(one.timestamp - other.timestamp) <= withinMs)
        .map((other) => `${one.key}: ${one.value}+${other.value}`),
    )
    const found = output.map(({ key, value }) => `${String(key)}: ${String(value)}`)
    expectSame('pairs', found.toSorted(), expected.toSorted())
  },
}

/** Numbers each record of its key, and rings once for each time that one asked for. */
const numbered: End = {
  topic: 'numbered',
  attach: (stream) =>
    keyed(stream, 'for-numbers')
      .process('numbered', {
        out: int64,
        state: { seen: valueState(int64) },
        onRecord(ctx) {
          const number = (ctx.state.seen.get() ?? 0) + 1
          ctx.state.seen.set(number)
          ctx.emit(number)
          ctx.timers.eventTime(ctx.timestamp + afterMs)
        },
        onTimer(ctx, { time }) {
          ctx.emit(-time)
        },
      })
      .to('numbered', { key: int32, value: int64 }),
  verify: (output, items, reached) => {
    const found = byKey(output)
    const asked = Map.groupBy(items, ({ key }) => JSON.stringify(key))
    expectSame('keys numbered', [...found.keys()].toSorted(), [...asked.keys()].toSorted())
    for (const [key, mine] of asked) {
      const values = (found.get(key) ?? []).map(({ value }) => Number(value))
      const numbers = values.filter((value) => value > 0)
      expectSame(
        `numbers of ${key}`,
        numbers,
        mine.map((_, i) => i + 1),
      )
      const rung = values.filter((value) => value < 0).map((value) => -value)
      const times = [...new Set(mine.map(({ timestamp }) => timestamp + afterMs))]
      const due = times.filter((time) => time + 2 < reached || rung.includes(time))
      const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b)
      expectSame(`timers of ${key}`, sorted(rung), sorted(due))
    }
  },
}

export const ends: readonly End[] = [sums, perWindow, regrouped, joinedTables, pairs, numbered]
