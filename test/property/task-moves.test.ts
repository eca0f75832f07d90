/**
 * A task that moves between two owners, each of which keeps a copy of its stores while the other
 * has it, tells what it would have told had it stayed.
 */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { listState, monotonous, session, string, type Topology } from '../../src/index.ts'
import { topology, tumbling, valueState } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import type { TaskPosition } from '../../src/task/port.ts'
import { MemoryOutput } from '../../src/testing/driver/memory-output.ts'
import { MapBackend } from '../support/map-backend.ts'
import { TaskBench } from '../support/task-bench.ts'

const source = { key: string, value: string, watermark: monotonous() } as const
const topologies: readonly (readonly [string, readonly string[], Topology])[] = [
  [
    'a count',
    ['in'],
    topology('counted', (t) => {
      t.stream('in', source).groupByKey().count('counts').to('out')
    }),
  ],
  [
    'windows with a final result',
    ['in'],
    topology('windowed', (t) => {
      t.stream('in', source)
        .groupByKey()
        .windowedBy(tumbling('10ms'), { grace: '5ms', emit: 'final' })
        .count('counts')
        .to('out')
    }),
  ],
  [
    'sessions with a final result',
    ['in'],
    topology('sessions', (t) => {
      t.stream('in', source)
        .groupByKey()
        .windowedBy(session('7ms'), { grace: '5ms', emit: 'final' })
        .count('counts')
        .to('out')
    }),
  ],
  [
    'a join of two streams',
    ['in', 'other'],
    topology('joined', (t) => {
      t.stream('in', source)
        .leftJoin('pairs', t.stream('other', source), (a, b) => `${a}+${b ?? '–'}`, {
          within: '8ms',
          grace: '5ms',
        })
        .to('out')
    }),
  ],
  [
    'a process function with state and timers',
    ['in'],
    topology('processed', (t) => {
      t.stream('in', source)
        .groupByKey()
        .process('seen', {
          out: string,
          state: { last: valueState(string), all: listState(string, { ttl: '20ms' }) },
          onRecord(ctx, value) {
            ctx.emit(`${ctx.state.last.get() ?? '–'} ${ctx.state.all.get().join()}`)
            ctx.state.last.set(value)
            ctx.state.all.add(value)
            ctx.timers.eventTime(ctx.timestamp + 6)
          },
          onTimer(ctx) {
            ctx.emit(`timer after ${ctx.state.last.get() ?? '–'}`)
            ctx.state.last.clear()
          },
        })
        .to('out')
    }),
  ],
]

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      topic: fc.nat(1),
      key: fc.constantFrom('a', 'b', 'c'),
      later: fc.nat(9),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('follow' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const) }) },
)

class Owners {
  readonly #topics: readonly string[]
  readonly #output = new MemoryOutput()
  #active: TaskBench
  #copy: TaskBench
  #now = 0
  #sent = 0

  constructor(flow: Topology, topics: readonly string[], kept: boolean) {
    this.#topics = topics
    const plan = planTopology(flow)
    const make = () => {
      const backend = kept ? { backend: new MapBackend() } : {}
      return new TaskBench(plan, 0, { output: this.#output, ...backend })
    }
    this.#active = make().start()
    this.#copy = make()
    this.#follow(this.#active.commit())
  }

  send(topic: number, key: string, later: number): void {
    this.#now += later
    this.#sent += 1
    const name = this.#topics[topic % this.#topics.length] ?? ''
    this.#active.send(name, { key, value: `v${this.#sent}`, timestamp: this.#now })
    this.#active.run()
  }

  commit(): readonly TaskPosition[] {
    this.#active.run()
    return this.#active.commit()
  }

  /** The copy reads what has committed. */
  follow(): void {
    this.#follow(this.commit())
  }

  #follow(positions: readonly TaskPosition[]): void {
    const { task } = this.#copy
    for (const need of task.restoreNeeds(positions)) {
      const log = this.#output.open(need.topic, need.partition)
      task.restore(need.store, [log.read(need.from)], log.end)
    }
    task.follow(positions)
    task.wantFlush()
    while (task.writeFlush(3));
  }

  move(): void {
    const positions = this.commit()
    this.#follow(positions)
    this.#active.task.rollback()
    this.#copy.start(positions)
    const before = this.#active
    this.#active = this.#copy
    this.#copy = before
    this.#follow(positions)
    for (const { topic, offset } of positions) this.#active.fetch(topic, offset)
  }

  get told() {
    return this.#output.open('out', 0).records.map(({ key, value, timestamp }) => {
      return [key?.toString(), value?.toString(), timestamp]
    })
  }
}

const cases = topologies.flatMap(([name, topics, flow]) =>
  [false, true].map((kept) => [name, kept ? 'in files' : 'in memory', topics, flow] as const),
)

test.each(cases)('%s, %s, moves without a trace in its output', (_, where, topics, flow) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const [moving, staying] = [0, 1].map(() => new Owners(flow, topics, where === 'in files'))
      for (const one of steps) {
        if (one.kind === 'send') {
          moving?.send(one.topic, one.key, one.later)
          staying?.send(one.topic, one.key, one.later)
        } else if (one.kind === 'commit') {
          moving?.commit()
          staying?.commit()
        } else {
          moving?.[one.kind]()
          staying?.commit()
        }
      }
      moving?.commit()
      staying?.commit()
      expect(moving?.told).toEqual(staying?.told)
    }),
    { numRuns: 30 },
  )
})
