/** Tables against what they say: the rows that follow from those of the topics, at each commit. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { int64, string, topology } from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/driver/index.ts'
import type { TopologyBuilder } from '../../src/topology/builder.ts'

type Rows = ReadonlyMap<string, number>
interface Inputs {
  readonly a: Rows
  readonly b: Rows
  readonly c: Rows
}
type Topic = keyof Inputs

interface Case {
  readonly name: string
  build(t: TopologyBuilder<string, unknown>, emit: 'update' | 'commit'): void
  expected(inputs: Inputs): ReadonlyMap<string, unknown>
}

const value = int64
const tables = (t: TopologyBuilder<string, unknown>, emit: 'update' | 'commit') => ({
  a: t.table('a', { value, emit }),
  b: t.table('b', { value, emit }),
  c: t.table('c', { value }),
})

function rowsOf(
  keys: Iterable<string>,
  row: (key: string) => unknown,
): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  for (const key of keys) {
    const made = row(key)
    if (made !== null) found.set(key, made)
  }
  return found
}

const text = (left?: number | null, right?: number | null) => `${left ?? '-'} ${right ?? '-'}`

const pairs = (['join', 'leftJoin', 'outerJoin'] as const).flatMap((call) =>
  [{}, { store: 'both' }].map(
    (options): Case => ({
      name: `${call} ${'store' in options ? 'with' : 'without'} a store`,
      build: (t, emit) => {
        const { a, b } = tables(t, emit)
        const right = b.filter((n) => n !== 3).mapValues((n) => n * 10)
        const how = { ...options, value: string }
        const both =
          call === 'join'
            ? a.join('ab', right, text, how)
            : call === 'leftJoin'
              ? a.leftJoin('ab', right, text, how)
              : a.outerJoin('ab', right, text, how)
        both.filterNot((both) => both === '2 20').to('out')
      },
      expected: ({ a, b }) =>
        rowsOf([...a.keys(), ...b.keys()], (key) => {
          const right = b.get(key) === 3 ? undefined : b.get(key)
          if (right === undefined && (call === 'join' || !a.has(key))) return null
          if (!a.has(key) && call !== 'outerJoin') return null
          const both = text(a.get(key), right === undefined ? null : right * 10)
          return both === '2 20' ? null : both
        }),
    }),
  ),
)

/** Sums need each old value exactly: one that is wrong stays in them for ever. */
const grouped: readonly Case[] = [
  {
    name: 'sums over a chain of joins, by another key',
    build: (t, emit) => {
      const { a, b, c } = tables(t, emit)
      const sum = (x: number | null, y: number | null) => (x ?? 0) + (y ?? 0)
      a.outerJoin('ab', b, sum)
        .leftJoin('abc', c, sum)
        .groupBy('parity', (n) => [n % 2 === 0 ? 'even' : 'odd', n], { key: string, value })
        .aggregate('sums', {
          init: () => 0,
          add: (all, n) => all + n,
          subtract: (all, n) => all - n,
          value,
        })
        .to('out')
    },
    expected: ({ a, b, c }) => {
      const sums = new Map<string, number>()
      for (const key of new Set([...a.keys(), ...b.keys()])) {
        const sum = (a.get(key) ?? 0) + (b.get(key) ?? 0) + (c.get(key) ?? 0)
        const group = sum % 2 === 0 ? 'even' : 'odd'
        sums.set(group, (sums.get(group) ?? 0) + sum)
      }
      return sums
    },
  },
  {
    name: 'counts of rows of a kept join, regrouped twice',
    build: (t, emit) => {
      const { a, b } = tables(t, emit)
      a.join('ab', b, (x, y) => x + y, { store: 'kept', value })
        .groupBy('by-sum', (n) => [`${n}`, n], { value })
        .count('by-sum-count', { emit })
        .filter((n) => n > 0)
        .groupBy('by-count', (n) => [`${n}`, n], { value })
        .count('out-count')
        .to('out')
    },
    expected: ({ a, b }) => {
      const bySum = new Map<string, number>()
      for (const [key, x] of a) {
        const y = b.get(key)
        if (y !== undefined) bySum.set(`${x + y}`, (bySum.get(`${x + y}`) ?? 0) + 1)
      }
      const byCount = new Map<string, number>()
      for (const n of bySum.values()) byCount.set(`${n}`, (byCount.get(`${n}`) ?? 0) + 1)
      return byCount
    },
  },
]

type Action =
  | { readonly kind: 'send'; readonly topic: Topic; readonly key: string; value: number | null }
  | { readonly kind: 'commit' | 'crash' }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      topic: fc.constantFrom('a' as const, 'b' as const, 'c' as const),
      key: fc.constantFrom('k', 'l', 'm'),
      value: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
)

/** What a table's topic says; groups that have come to nothing count as none. */
class Folded {
  readonly rows = new Map<string, unknown>()

  take(driver: TopologyTestDriver): void {
    for (const [key, row] of driver.output<string>('out').readKeyValues()) {
      if (key === null) continue
      if (row === null || row === 0) this.rows.delete(key)
      else this.rows.set(key, row)
    }
  }
}

const withoutZeros = (rows: ReadonlyMap<string, unknown>) =>
  new Map([...rows].filter(([, row]) => row !== 0))

for (const emit of ['update', 'commit'] as const) {
  for (const one of [...pairs, ...grouped]) {
    test(`${one.name}, told at each ${emit}`, () => {
      const application = topology('test', (t) => one.build(t, emit))
      fc.assert(
        fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
          const driver = new TopologyTestDriver(application)
          const inputs = { a: new Map(), b: new Map(), c: new Map() }
          const folded = new Folded()
          for (const step of [...actions, { kind: 'commit' as const }]) {
            if (step.kind === 'crash') driver.crash()
            else if (step.kind === 'send') {
              const { topic, key } = step
              if (step.value === null) inputs[topic].delete(key)
              else inputs[topic].set(key, step.value)
              if (driverReads(driver, topic)) driver.input(topic).send({ key, value: step.value })
            } else {
              driver.commit()
              folded.take(driver)
              expect(folded.rows).toEqual(withoutZeros(one.expected(inputs)))
            }
          }
        }),
        { numRuns: 12 },
      )
    })
  }
}

function driverReads(driver: TopologyTestDriver, topic: Topic): boolean {
  try {
    driver.input(topic)
    return true
  } catch {
    return false
  }
}
