/**
 * Changes of tables with two epochs under way, dropped, restarted, in memory and on a backend: each
 * says the row before as it was told before.
 */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { double, string, topology } from '../../src/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import { changes, isChange } from '../../src/serde/changes.ts'
import { MapBackend } from '../support/map-backend.ts'
import { TaskOwner, type Turn, turns } from '../support/task-owner.ts'

const planOf = (emit: 'update' | 'change' | 'commit') =>
  planTopology(
    topology('test', (t) => {
      const a = t.table('a', { value: string, emit })
      const b = t.table('b', { value: string, emit: emit === 'update' ? 'commit' : 'update' })
      const numbers = a.mapValues(Number).filter((n) => n !== 3)
      const kept = b.mapValues((text) => 10 * Number(text), { store: 'tens', value: double })
      numbers
        .outerJoin('sum', kept, (x, y) => (x ?? 0) + (y ?? 0))
        .groupBy('rows', (n, key) => [key, n], { key: string, value: double })
        .count('counts')
    }),
  )

interface Send {
  readonly kind: 'send'
  readonly topic: 'a' | 'b'
  readonly key: string
  readonly value: string | null
}

const step: fc.Arbitrary<Send | Turn> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      topic: fc.constantFrom('a' as const, 'b' as const),
      key: fc.constantFrom('k', 'l'),
      value: fc.option(fc.constantFrom('1', '2', '3'), { freq: 4 }),
    }),
  },
  ...turns,
)

const serde = changes(double)

/** Rows as the changes make them. */
function told(owner: TaskOwner): ReadonlyMap<string, unknown> {
  const rows = new Map<string, unknown>()
  for (const { key, value } of owner.bench.output.open('test-rows-repartition', 0).records) {
    const change = serde.deserialize(value ?? new Uint8Array(0))
    if (key === null || !isChange(change)) throw new Error('only changes are written here')
    const row = string.deserialize(key)
    expect(change.old).toBe(rows.get(row) ?? null)
    if (change.value === null) rows.delete(row)
    else rows.set(row, change.value)
  }
  return rows
}

function expectedOf(sent: readonly Send[]): ReadonlyMap<string, number> {
  const last = { a: new Map<string, string>(), b: new Map<string, string>() }
  for (const { topic, key, value } of sent) {
    if (value === null) last[topic].delete(key)
    else last[topic].set(key, value)
  }
  const rows = new Map<string, number>()
  for (const key of ['k', 'l']) {
    const [x, y] = [last.a.get(key), last.b.get(key)]
    const left = x === undefined || x === '3' ? undefined : Number(x)
    if (left === undefined && y === undefined) continue
    rows.set(key, (left ?? 0) + 10 * Number(y ?? 0))
  }
  return rows
}

for (const emit of ['update', 'change', 'commit'] as const) {
  for (const backend of ['memory', 'a backend'] as const) {
    test(`each change says what was told before, ${emit}, in ${backend}`, () => {
      const plan = planOf(emit)
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
          const owner = new TaskOwner(plan, backend === 'memory' ? undefined : new MapBackend())
          const sent: Send[] = []
          for (const [at, one] of steps.entries()) {
            if (one.kind === 'send') {
              sent.push(one)
              owner.send(one.topic, { key: one.key, value: one.value, timestamp: at })
            } else owner.apply(one)
          }
          owner.finish()
          expect(told(owner)).toEqual(expectedOf(sent))
        }),
        { numRuns: 40 },
      )
    })
  }
}
