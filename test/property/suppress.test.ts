/** Changes that are kept back, against a model with a list of them. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  boundedOutOfOrderness,
  hopping,
  session,
  string,
  topology,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { tiers } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

interface Send {
  readonly kind: 'send'
  readonly key: string
  readonly isNull: boolean
  readonly ahead: number
}

const action: fc.Arbitrary<Send | Turn> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      key: fc.constantFrom('a', 'b', 'a\0'),
      isNull: fc.nat(5).map((number) => number === 0),
      ahead: fc.oneof(fc.constant(0), fc.integer({ min: -9, max: 6 })),
    }),
  },
  ...turns,
)

interface Limit {
  readonly limit: number
  readonly bound: number
  readonly maxRecords: number
}

const limited = ({ limit, bound, maxRecords }: Limit) =>
  planTopology(
    topology('test', (t) => {
      t.stream('in', { value: string, watermark: boundedOutOfOrderness(bound) })
        .toTable('rows')
        .suppress('calm', untilTimeLimit(limit), { maxRecords, whenFull: 'emit' })
        .to('out')
    }),
  )

interface Kept {
  readonly key: string
  readonly since: number
  value: string | null
}

/** What is told, in order; of one time by key. */
class Model {
  readonly told: string[] = []
  readonly #limit: Limit
  #kept: Kept[] = []
  #highest = Number.NEGATIVE_INFINITY

  constructor(limit: Limit) {
    this.#limit = limit
  }

  take(key: string, value: string | null, time: number): void {
    const kept = this.#kept.find((one) => one.key === key)
    if (kept === undefined) this.#kept.push({ key, since: time, value })
    else kept.value = value
    this.#tellDue()
    if (this.#kept.length > this.#limit.maxRecords) {
      const first = this.#kept.toSorted((a, b) => a.since - b.since)[0]
      if (first !== undefined) this.#tell(first)
    }
    this.#highest = Math.max(this.#highest, time)
    this.#tellDue()
  }

  #tellDue(): void {
    const { limit, bound } = this.#limit
    const due = this.#kept.filter(({ since }) => since + limit <= this.#highest - bound - 1)
    const order = (one: Kept) => `${one.key}${String.fromCharCode(one.since)}`
    due.sort((a, b) => a.since - b.since || (order(a) < order(b) ? -1 : 1))
    for (const one of due) this.#tell(one)
  }

  #tell(one: Kept): void {
    this.#kept = this.#kept.filter((other) => other !== one)
    this.told.push(`${one.key} ${one.value}`)
  }
}

function run(owner: TaskOwner, actions: readonly (Send | Turn)[], take: Model['take']): string[] {
  let now = 50
  let count = 0
  for (const one of actions) {
    if (one.kind !== 'send') {
      owner.apply(one)
      continue
    }
    const timestamp = now + one.ahead
    now = Math.max(now, timestamp)
    count += 1
    const value = one.isNull ? null : `${count}`
    take(one.key, value, timestamp)
    owner.send('in', { key: one.key, value, timestamp })
  }
  owner.finish()
  owner.finish()
  const decoder = new TextDecoder()
  return owner.bench.output
    .open('out', 0)
    .records.map(
      ({ key, value }) =>
        `${decoder.decode(key ?? undefined)} ${value === null ? null : decoder.decode(value)}`,
    )
}

test.each(tiers)('%s, the last change of a key is told a time after the first', (_, below) => {
  const shape = fc.record({
    // With the longer ones, a slice of the store has entries of several times.
    limit: fc.oneof(fc.nat(8), fc.constantFrom(30, 60)),
    bound: fc.nat(3),
    // Which of several of one time is told when there is no room depends on a restart.
    maxRecords: fc.constantFrom(3, 100),
  })
  fc.assert(
    fc.property(shape, fc.array(action, { maxLength: 60, size: 'max' }), (made, actions) => {
      const model = new Model(made)
      const take = model.take.bind(model)
      expect(run(new TaskOwner(limited(made), below()), actions, take)).toEqual(model.told)
    }),
    { numRuns: 80 },
  )
})

test.each(tiers)('%s, windows that are kept back tell what final ones tell', (_, below) => {
  const shape = fc.record({
    windows: fc.constantFrom('hopping' as const, 'session' as const),
    grace: fc.nat(5),
    bound: fc.nat(3),
  })
  fc.assert(
    fc.property(
      shape,
      fc.array(action, { maxLength: 60, size: 'max' }),
      ({ windows, grace, bound }, actions) => {
        const planOf = (isFinal: boolean) =>
          planTopology(
            topology('test', (t) => {
              const keyed = t
                .stream('in', { value: string, watermark: boundedOutOfOrderness(bound) })
                .groupByKey()
              const options = { grace, ...(isFinal ? { emit: 'final' as const } : {}) }
              const counts =
                windows === 'session'
                  ? keyed.windowedBy(session(4), options).count('counts')
                  : keyed.windowedBy(hopping(6, 3), options).count('counts')
              const all = counts.filter(() => true)
              if (isFinal) counts.to('out')
              else all.suppress('finals', untilWindowCloses()).to('out')
            }),
          )
        const nothing = () => undefined
        const final = run(new TaskOwner(planOf(true), below()), actions, nothing)
        const kept = run(new TaskOwner(planOf(false), below()), actions, nothing)
        expect(kept.toSorted()).toEqual(final.toSorted())
      },
    ),
    { numRuns: 40 },
  )
})
