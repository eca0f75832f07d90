import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { assignTasks } from '../../../src/group/assign.ts'
import { encodeSubscription } from '../../../src/group/subscription.ts'
import { member } from '../../unit/group/members.ts'
import { allTasks, GroupModel, view } from './group-model.ts'

const slot = fc.record({
  process: fc.constantFrom('processa', 'processb', 'processc', 'processd'),
  slot: fc.nat(3),
})
const happening = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), who: slot }),
  fc.record({ kind: fc.constant('crash' as const), who: slot }),
  fc.record({ kind: fc.constant('expel' as const), who: slot }),
  fc.record({ kind: fc.constant('leave' as const), who: slot }),
  fc.record({ kind: fc.constant('sleep' as const), who: slot }),
  fc.record({ kind: fc.constant('round' as const), who: slot }),
  fc.record({ kind: fc.constant('crash-before-fencing' as const), who: slot }),
  fc.record({ kind: fc.constant('miss' as const), who: slot }),
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
type Process = Happening['who']['process']
const counts = fc.array(fc.nat(12), { minLength: 1, maxLength: 5 })

function happen(group: GroupModel, { kind, who }: Happening): void {
  if (kind === 'round') group.round()
  else if (kind === 'crash-before-fencing' || kind === 'miss') {
    group.round({ kind, transactionalId: `counts-${who.process}-${who.slot}` })
  } else group[kind](who.process, who.slot)
}

function it(kind: Happening['kind'], process: Process, slot = 0): Happening {
  return { kind, who: { process, slot } }
}

/** Histories that left a transaction unfenced, each with the reason that it must not. */
const histories: [taskCounts: number[], happenings: Happening[]][] = [
  // Who was to search dies before it has; the other member's roster knows of nobody earlier.
  [
    [1],
    [
      it('join', 'processc', 3),
      it('crash', 'processa'),
      it('join', 'processc', 2),
      it('crash-before-fencing', 'processc', 2),
    ],
  ],
  // The same, but the one that was to search had no task itself: all tasks are claimed afterwards,
  // while their owner still waits for stable positions.
  [
    [1],
    [
      it('join', 'processd'),
      it('crash', 'processa'),
      it('round', 'processd'),
      it('sleep', 'processd'),
      it('join', 'processb'),
      it('round', 'processb'),
      it('crash', 'processb'),
      it('join', 'processa'),
      it('join', 'processd'),
      it('crash-before-fencing', 'processa'),
    ],
  ],
  // Who wakes alone knows of nobody that came and went while it slept.
  [
    [1],
    [
      it('sleep', 'processa'),
      it('join', 'processc'),
      it('round', 'processc'),
      it('crash', 'processc'),
      it('join', 'processa'),
    ],
  ],
  // Who has not got its assignment does not know who has got one.
  [
    [2],
    [
      it('join', 'processb'),
      it('round', 'processa'),
      it('miss', 'processa'),
      it('crash', 'processb'),
    ],
  ],
]

test('whatever happens, no task has two owners, every predecessor is fenced, no member is', () => {
  fc.assert(
    fc.property(counts, fc.array(happening, { maxLength: 40 }), (taskCounts, happenings) => {
      const group = new GroupModel(taskCounts)
      group.join('processa', 0)
      group.settle()
      for (const it of happenings) happen(group, it)
      group.join('processb', 1)
      group.settle()
      group.expectAllOwnedOnce()
      group.expectBalanced()
    }),
    { numRuns: 60, examples: histories },
  )
})

test('all tasks are owned evenly after two rounds, and then nothing moves any more', () => {
  fc.assert(
    fc.property(counts, fc.array(slot, { minLength: 1, maxLength: 10 }), (taskCounts, slots) => {
      const group = new GroupModel(taskCounts)
      for (const { process, slot } of slots) {
        group.join(process, slot)
        expect(group.settle()).toBeLessThanOrEqual(2)
        group.expectAllOwnedOnce()
        group.expectBalanced()
        group.moved = 0
        group.round()
        expect(group.moved).toBe(0)
      }
    }),
    { numRuns: 40 },
  )
})

test('who leaves moves its own tasks and few others, who comes gets its share', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 2, max: 8 }), (taskCounts, size) => {
      const group = new GroupModel(taskCounts)
      for (let i = 0; i < size; i++) group.join(`process${i % 4}`, i)
      group.settle()
      const total = allTasks(taskCounts).length
      group.moved = 0
      group.crash('process1', 1)
      group.settle()
      // Even distribution of each sub-topology costs at most one more move per sub-topology.
      expect(group.moved).toBeLessThanOrEqual(Math.ceil(total / size) + taskCounts.length)
      group.moved = 0
      group.join('process1', 1)
      group.settle()
      expect(group.moved).toBeLessThanOrEqual(Math.ceil(total / size) + taskCounts.length)
    }),
  )
})

test('the same members in another order get the same assignment', () => {
  fc.assert(
    fc.property(counts, fc.uniqueArray(fc.nat(20), { minLength: 1 }), (taskCounts, slots) => {
      const members = slots.map((slot) => ({
        memberId: `m${slot}`,
        subscription: encodeSubscription(member(`process${slot % 3}`, slot)),
      }))
      const there = assignTasks(view(taskCounts), members)
      const back = assignTasks(view(taskCounts), members.toReversed())
      for (const { memberId } of members) expect(back.get(memberId)).toEqual(there.get(memberId))
    }),
  )
})

const shapes = [
  ['one sub-topology', [2000]],
  ['20 sub-topologies', Array.from({ length: 20 }, () => 100)],
  ['2000 sub-topologies', Array.from({ length: 2000 }, () => 1)],
  ['uneven sub-topologies', Array.from({ length: 60 }, (_, i) => 4 + i)],
] as const

for (const [name, taskCounts] of shapes) {
  test(`200 members and up to 2000 tasks take under 100 ms of a processor: ${name}`, () => {
    const group = new GroupModel(taskCounts)
    for (let i = 0; i < 199; i++) group.join(`process${i % 20}`, i)
    group.settle()
    group.join('processnew', 0)
    const members = Array.from(group.members.values(), (it) => ({
      memberId: it.memberId,
      subscription: encodeSubscription(
        member(it.process, it.slot, {
          owned: Array.from(it.owned),
          ...it.memory.recall(),
        }),
      ),
    }))
    // Processor time, the best of some runs: other processes of the machine are not the subject.
    const times = Array.from({ length: 8 }, () => {
      const start = process.cpuUsage()
      assignTasks(view(taskCounts), members)
      return process.cpuUsage(start).user / 1_000
    })
    expect(Math.min(...times)).toBeLessThan(100)
    group.settle()
    group.expectAllOwnedOnce()
    group.expectBalanced()
  })
}
