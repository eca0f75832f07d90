import { string, topology } from '../../../src/index.ts'
import {
  byKey,
  expectOnePartition,
  expectSame,
  pick,
  recordsOf,
  type Scenario,
} from '../scenario.ts'

const words = ['mill', 'race', 'wheel', 'water', 'stone', 'grain', 'flour', 'sluice'] as const

/** Each word's counts are 1, 2, … n in one partition, and n is how often it was written. */
export const counts: Scenario = {
  name: 'counts',
  make: () => ({
    topology: topology('counts', (t) => {
      t.stream('lines', { value: string })
        .flatMapValues((line) => line.split(' '))
        .groupBy('by-word', (word) => word, { key: string })
        .count('counts')
        .to('word-counts')
    }),
    inputs: {
      lines: (random) => ({
        value: Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, words)).join(
          ' ',
        ),
      }),
    },
    verify: ({ inputs, outputs }) => {
      const written = recordsOf(inputs, 'lines').flatMap(({ value }) => String(value).split(' '))
      const found = recordsOf(outputs, 'word-counts')
      expectOnePartition(found)
      for (const [word, changes] of byKey(found)) {
        const values = changes.map(({ value }) => value)
        const expected = values.map((_, i) => i + 1)
        expectSame(`counts of ${word}`, values, expected)
      }
      const totals = (list: readonly string[]) =>
        new Map(words.map((word) => [word, list.filter((one) => one === word).length]))
      const counted = found.map(({ key }) => String(key))
      expectSame('words counted', totals(counted), totals(written))
    },
  }),
}
