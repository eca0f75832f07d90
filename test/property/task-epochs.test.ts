/**
 * One task with two epochs under way: commits late, drops both, starts again where it committed.
 */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { monotonous, string, topology } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import type { TaskPosition } from '../../src/task/port.ts'
import { position, TaskBench } from '../support/task-bench.ts'

const plan = planTopology(
  topology('test', (t) => {
    const options = { value: string, watermark: monotonous() } as const
    t.stream(['left', 'right'], options).groupByKey().count('counts').to('out')
  }),
)

type Step =
  | { readonly kind: 'send'; readonly topic: 'left' | 'right'; readonly key: string }
  | { readonly kind: 'process'; readonly records: number }
  | { readonly kind: 'cut' | 'commit' | 'rollback' | 'restart' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      topic: fc.constantFrom('left' as const, 'right' as const),
      key: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('process' as const),
      records: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)

interface Cut extends ReturnType<TaskBench['cut']> {
  readonly ends: ReadonlyMap<string, number>
}

/** The worker's part: transactions are logs that are cut back. */
class Owner {
  bench = new TaskBench(plan, 0).start()
  committed: readonly TaskPosition[] = [position('left', 0), position('right', 0)]
  #committedEnds: ReadonlyMap<string, number> = new Map()
  #unsettled: Cut[] = []
  #time = 0

  constructor() {
    this.#fetch()
  }

  apply(action: Step): void {
    switch (action.kind) {
      case 'send':
        this.#time += 1
        this.bench.send(action.topic, { key: action.key, value: '', timestamp: this.#time })
        return
      case 'process':
        this.bench.task.process(action.records, 0)
        return
      case 'cut':
        if (this.#unsettled.length < 2) this.#cut()
        return
      case 'commit':
        this.#commit()
        return
      case 'rollback':
        this.#drop()
        this.bench.task.rollback()
        this.bench.task.start(this.committed, 0)
        this.#fetch()
        return
      default:
        this.#drop()
        this.bench = new TaskBench(plan, 0, { output: this.bench.output }).start(this.committed)
        this.#fetch()
    }
  }

  /** Everything is processed and committed. */
  finish(): void {
    this.bench.run()
    while (this.#unsettled.length > 0) this.#commit()
    this.#cut()
    this.#commit()
  }

  #cut(): void {
    const cut = this.bench.cut()
    const ends = new Map([...this.bench.output.logs].map(([name, log]) => [name, log.end]))
    this.#unsettled.push({ ...cut, ends })
  }

  #commit(): void {
    const cut = this.#unsettled.shift()
    if (cut === undefined) return
    this.bench.task.committed(cut.epoch, cut.ends)
    this.committed = cut.positions
    this.#committedEnds = cut.ends
  }

  #drop(): void {
    this.#unsettled = []
    for (const [name, log] of this.bench.output.logs) {
      const input = name === 'left-0' || name === 'right-0'
      if (!input) log.truncate(this.#committedEnds.get(name) ?? 0)
    }
  }

  #fetch(): void {
    for (const { topic, offset } of this.committed) this.bench.fetch(topic, offset)
  }
}

test('counts come out as 1…n for each key, whatever is dropped or restarted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const owner = new Owner()
      const expected = new Map<string, number>()
      for (const action of steps) {
        owner.apply(action)
        if (action.kind !== 'send') continue
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
