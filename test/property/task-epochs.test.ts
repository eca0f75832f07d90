/**
 * One task with two epochs under way: commits late, drops both, starts again where it committed.
 */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { monotonous, string, topology } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

const plan = planTopology(
  topology('test', (t) => {
    const options = { value: string, watermark: monotonous() } as const
    t.stream(['left', 'right'], options).groupByKey().count('counts').to('out')
  }),
)

type Step = { readonly kind: 'send'; readonly topic: 'left' | 'right'; readonly key: string } | Turn

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      topic: fc.constantFrom('left' as const, 'right' as const),
      key: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  ...turns,
)

test('counts come out as 1…n for each key, whatever is dropped or restarted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const owner = new TaskOwner(plan)
      const expected = new Map<string, number>()
      for (const [at, action] of steps.entries()) {
        if (action.kind !== 'send') {
          owner.apply(action)
          continue
        }
        owner.send(action.topic, { key: action.key, value: '', timestamp: at + 1 })
        expected.set(action.key, (expected.get(action.key) ?? 0) + 1)
      }
      owner.finish()
      const emitted = new Map<string, number[]>()
      for (const [key, count] of owner.bench.counts('out')) {
        emitted.set(key, [...(emitted.get(key) ?? []), count ?? 0])
      }
      for (const [key, count] of expected) {
        expect(emitted.get(key)).toEqual(Array.from({ length: count }, (_, at) => at + 1))
      }
      const view = owner.bench.task.store('counts')
      expect(new Map(view.entries('committed').map(([key, count]) => [key, count]))).toEqual(
        expected,
      )
      expect(owner.committed.map(({ topic, offset }) => [topic, offset])).toEqual(
        ['left', 'right'].map((topic) => [topic, owner.bench.output.open(topic, 0).end]),
      )
    }),
    { numRuns: 200 },
  )
})
