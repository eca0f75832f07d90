/** The worker's part for one task: transactions are logs that are cut back. */
import * as fc from 'fast-check'
import type { Plan } from '../../src/plan/plan.ts'
import type { TaskPosition } from '../../src/task/port.ts'
import type { MapBackend } from './map-backend.ts'
import { position, type Sent, TaskBench } from './task-bench.ts'

/** What happens to a task besides records. */
export type Turn =
  | { readonly kind: 'process'; readonly records: number }
  | { readonly kind: 'cut' | 'commit' | 'rollback' | 'restart' }
  | { readonly kind: 'evict'; readonly share: number }

const turnOf = (kind: Extract<Turn, { kind: 'cut' | 'commit' | 'rollback' | 'restart' }>['kind']) =>
  fc.record({ kind: fc.constant(kind) })

/** Takes the place of a fourth of the steps: an epoch goes on while one waits for its commit. */
export const turns: readonly fc.WeightedArbitrary<Turn>[] = [
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('process' as const),
      records: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: turnOf('cut') },
  { weight: 2, arbitrary: turnOf('commit') },
  { weight: 1, arbitrary: turnOf('rollback') },
  { weight: 1, arbitrary: turnOf('restart') },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('evict' as const),
      share: fc.constantFrom(0.3, 1),
    }),
  },
]

interface Cut extends ReturnType<TaskBench['cut']> {
  readonly ends: ReadonlyMap<string, number>
}

export class TaskOwner {
  bench: TaskBench
  committed: readonly TaskPosition[]
  readonly #plan: Plan
  #committedEnds: ReadonlyMap<string, number> = new Map()
  #unsettled: Cut[] = []
  /** Changelogs are purged after each commit, as far as the task says. */
  #purged = new Map<string, number>()

  #backend: MapBackend | undefined

  /** @param backend Outlives the task, as one that keeps its state in files. */
  constructor(plan: Plan, backend?: MapBackend) {
    this.#plan = plan
    this.#backend = backend
    this.bench = new TaskBench(plan, 0, backend === undefined ? {} : { backend }).start()
    this.committed = this.bench.task.inputs.map(({ topic }) => position(topic, 0))
    this.#fetch()
  }

  send(topic: string, record: Sent): void {
    this.bench.send(topic, record)
  }

  apply(turn: Turn): void {
    switch (turn.kind) {
      case 'process':
        this.bench.task.process(turn.records, 0)
        this.bench.task.advance(0)
        this.bench.task.writeFlush(turn.records)
        return
      case 'cut':
        if (this.#unsettled.length === 0) this.#cut()
        return
      case 'commit':
        this.#commit()
        return
      case 'evict':
        this.bench.task.wantFlush()
        this.bench.task.writeFlush(Number.POSITIVE_INFINITY)
        this.bench.task.evict(turn.share)
        return
      case 'rollback':
        this.#drop()
        this.bench.task.rollback()
        this.bench.task.start(this.committed, 0)
        this.#fetch()
        return
      default:
        this.#drop()
        this.bench = this.#another()
        this.bench.start(this.committed, this.#purged)
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
    if (this.#backend !== undefined) this.bench.task.wantFlush()
    this.committed = cut.positions
    this.#committedEnds = cut.ends
    for (const { topic, offset } of this.bench.task.purgeable()) this.#purged.set(topic, offset)
  }

  #another(): TaskBench {
    this.#backend = this.#backend?.durable
    const backend = this.#backend
    const { output } = this.bench
    return new TaskBench(this.#plan, 0, { output, ...(backend === undefined ? {} : { backend }) })
  }

  #drop(): void {
    this.#unsettled = []
    for (const [name, log] of this.bench.output.logs) {
      const input = this.committed.some(({ topic }) => name === `${topic}-0`)
      if (!input) log.truncate(this.#committedEnds.get(name) ?? 0)
    }
  }

  #fetch(): void {
    for (const { topic, offset } of this.committed) this.bench.fetch(topic, offset)
  }
}
