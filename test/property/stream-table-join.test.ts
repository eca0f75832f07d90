/** A join against what it says: the value that the table has when the record's turn comes. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { string, topology } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import type { Sent } from '../support/task-bench.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

const out = { value: string }
const plan = planTopology(
  topology('test', (t) => {
    const users = t.table('users', { value: string })
    const clicks = t.stream('clicks', { value: string })
    clicks.join('known', users, (click, user, key) => `${key}:${click}+${user}`).to('inner', out)
    clicks.leftJoin('all', users, (click, user) => `${click}+${user ?? '?'}`).to('left', out)
  }),
)

interface Send {
  readonly kind: 'send'
  readonly topic: 'users' | 'clicks'
  readonly key: string | null
  readonly value: string | null
  /** Of its topic: timestamps of a topic rise. */
  readonly later: number
}
type Action = Send | Turn

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      topic: fc.constantFrom('users' as const, 'clicks' as const),
      key: fc.option(fc.constantFrom('a', 'b'), { freq: 6 }),
      value: fc.option(fc.constantFrom('x', 'y', 'z'), { freq: 4 }),
      later: fc.integer({ min: 0, max: 2 }),
    }),
  },
  ...turns,
)

interface Timed extends Sent {
  readonly topic: 'users' | 'clicks'
  readonly timestamp: number
}

/** Both topics merged by time, the table's first. */
function expectedOf(sent: readonly Timed[]) {
  const users = new Map<string, string>()
  const inner: string[] = []
  const left: string[] = []
  const order = sent.toSorted(
    (a, b) =>
      a.timestamp - b.timestamp || Number(b.topic === 'users') - Number(a.topic === 'users'),
  )
  for (const { topic, key, value } of order) {
    if (topic === 'users') {
      if (typeof key !== 'string') continue
      if (typeof value === 'string') users.set(key, value)
      else users.delete(key)
    } else if (typeof value === 'string') {
      const user = typeof key === 'string' ? users.get(key) : undefined
      left.push(`${value}+${user ?? '?'}`)
      if (user !== undefined) inner.push(`${key}:${value}+${user}`)
    }
  }
  return { inner, left }
}

test('each record meets the value that its key has at its time, whatever is dropped', () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 40, size: 'max' }),
      fc.array(fc.oneof(...turns), { maxLength: 20, size: 'max' }),
      (actions, later) => {
        const owner = new TaskOwner(plan)
        const clocks = { users: 0, clicks: 0 }
        const sent: Timed[] = []
        // All is there before the first turn, so that the order does not depend on what has come.
        for (const one of actions) {
          if (one.kind !== 'send') continue
          const timestamp = (clocks[one.topic] += one.later)
          const record = { key: one.key, value: one.value, timestamp }
          sent.push({ topic: one.topic, ...record })
          owner.send(one.topic, record)
        }
        for (const one of [...actions, ...later]) if (one.kind !== 'send') owner.apply(one)
        owner.finish()
        const expected = expectedOf(sent)
        const values = (topic: string) => owner.bench.read(topic).map(([, value]) => value)
        expect(values('inner')).toEqual(expected.inner)
        expect(values('left')).toEqual(expected.left)
        // The table's topic is its changelog: the application writes nothing more for it.
        expect([...owner.bench.output.logs.keys()].toSorted()).toEqual(
          ['clicks-0', 'users-0', 'inner-0', 'left-0']
            .filter((name) => owner.bench.output.logs.has(name))
            .toSorted(),
        )
      },
    ),
    { numRuns: 200 },
  )
})
