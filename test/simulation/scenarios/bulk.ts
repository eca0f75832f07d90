import { int64, string, topology } from '../../../src/index.ts'
import { expectSame, lastValues, pick, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['a', 'b', 'c'] as const

/** Large values: queues come to their limits, and reading pauses and goes on. */
export const bulk: Scenario = {
  name: 'bulk',
  make: () => ({
    topology: topology('bulk', (t) => {
      t.stream('texts', { key: string, value: string })
        .groupByKey()
        .aggregate('lengths', {
          init: () => 0,
          add: (sum, text) => sum + text.length,
          value: int64,
        })
        .to('lengths')
    }),
    inputs: {
      texts: (random) => ({ key: pick(random, keys), value: '·'.repeat(random() * 4_000) }),
    },
    verify: ({ inputs, outputs }) => {
      const lengths = new Map<string, number>()
      for (const { key, value } of recordsOf(inputs, 'texts')) {
        const name = JSON.stringify(key)
        lengths.set(name, (lengths.get(name) ?? 0) + String(value).length)
      }
      const written = recordsOf(outputs, 'lengths')
      expectSame('lengths', lastValues(written), lengths)
      expectSame('changes', written.length, recordsOf(inputs, 'texts').length)
    },
  }),
}
