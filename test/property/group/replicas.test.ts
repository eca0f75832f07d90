/** Copies of stores: where they are, when tasks move to them, and how soon the leader knows. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Assignment } from '../../../src/group/assignment.ts'
import { assignTasks, type LeaderView } from '../../../src/group/assign.ts'
import { MemberMemory } from '../../../src/group/member-memory.ts'
import { encodeSubscription } from '../../../src/group/subscription.ts'
import type { TaskId } from '../../../src/model/ids.ts'
import { member as subscriptionOf } from '../../unit/group/members.ts'
import { allTasks } from './group-model.ts'

const acceptableLag = 100
/** Offsets that each changelog has. */
const head = 10_000

interface Member {
  readonly process: string
  readonly slot: number
  readonly zone: string
  owned: readonly TaskId[]
  standby: readonly TaskId[]
  readonly offsets: Map<TaskId, number>
  readonly memory: MemberMemory
}

class Group {
  readonly members: Member[] = []
  readonly tasks: readonly TaskId[]
  /** Milliseconds that each round took the leader. */
  readonly times: number[] = []
  readonly #view: LeaderView
  #sequence = 0

  constructor(taskCounts: readonly number[], standbys: number) {
    const stateful = taskCounts.map(() => true)
    const replicas = { standbys, acceptableLag, stateful }
    this.#view = { fingerprint: 'f1', taskCounts, partitions: [], replicas }
    this.tasks = allTasks(taskCounts)
  }

  join(process: string, slot: number, zone: string): void {
    const empty = { owned: [], standby: [], offsets: new Map<TaskId, number>() }
    this.members.push({ process, slot, zone, ...empty, memory: new MemberMemory() })
  }

  /** One round; answers what each member got. */
  round(): readonly Assignment[] {
    const joined = this.members.map((one) => ({
      memberId: `${one.process}-${one.slot}`,
      subscription: encodeSubscription(
        subscriptionOf(one.process, one.slot, {
          sequence: this.#sequence++,
          owned: one.owned,
          standby: one.standby,
          failure: '',
          tags: [{ key: 'zone', value: one.zone }],
          stored: Array.from(one.offsets, ([task, offsetSum]) => {
            return { task, offsetSum, lag: head - offsetSum }
          }),
          ...one.memory.recall(),
        }),
      ),
    }))
    // Time of this thread: the machine may have other work.
    const begun = process.threadCpuUsage()
    const assigned = assignTasks(this.#view, joined)
    const { user, system } = process.threadCpuUsage(begun)
    this.times.push((user + system) / 1000)
    return this.members.map((one) => {
      const got = assigned.get(`${one.process}-${one.slot}`)
      if (got === undefined) throw new Error('a member without an assignment')
      return got
    })
  }

  /** Members do what they are told; owners restore at once. */
  apply(assignments: readonly Assignment[]): void {
    this.members.forEach((one, at) => {
      const got = assignments[at]
      if (got === undefined) return
      one.memory.keep(got)
      one.owned = got.active
      one.standby = [...got.standby, ...got.warming]
      const kept = new Set([...one.owned, ...one.standby])
      for (const task of one.offsets.keys()) if (!kept.has(task)) one.offsets.delete(task)
      for (const task of one.owned) one.offsets.set(task, head)
    })
  }

  /** Copies are read: some to the end. */
  warm(level: (task: TaskId) => boolean): void {
    for (const { standby, offsets } of this.members) {
      for (const task of standby) if (level(task)) offsets.set(task, head)
    }
  }

  isLevel({ offsets }: Member, task: TaskId): boolean {
    return head - (offsets.get(task) ?? 0) <= acceptableLag
  }

  /** Rounds until nothing changes. */
  settle(): void {
    for (let round = 0; round < 30; round += 1) {
      const before = JSON.stringify(this.members)
      this.warm(() => true)
      this.apply(this.round())
      if (JSON.stringify(this.members) === before) return
    }
    throw new Error('the group does not come to rest')
  }
}

const place = fc.record({
  process: fc.constantFrom('pa', 'pb', 'pc', 'pd', 'pe'),
  slot: fc.nat(1),
})
const counts = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 3 })
const crews = fc.uniqueArray(place, {
  minLength: 1,
  maxLength: 7,
  selector: (one) => `${one.process}-${one.slot}`,
})
const zoneOf = (process: string) => (process < 'pc' ? 'north' : 'south')

test('at rest each task has as many copies as there may be, no two in one process, evenly', () => {
  fc.assert(
    fc.property(counts, crews, fc.nat(2), (taskCounts, crew, standbys) => {
      const group = new Group(taskCounts, standbys)
      for (const { process, slot } of crew) group.join(process, slot, zoneOf(process))
      group.settle()
      const processes = new Set(crew.map(({ process }) => process))
      const wanted = Math.min(standbys, processes.size - 1)
      for (const task of group.tasks) {
        const owners = group.members.filter(({ owned }) => owned.includes(task))
        const copies = group.members.filter(({ standby }) => standby.includes(task))
        expect(owners).toHaveLength(1)
        expect(copies).toHaveLength(wanted)
        const places = [...owners, ...copies].map(({ process }) => process)
        expect(new Set(places).size).toBe(places.length)
        const zones = new Set([...owners, ...copies].map(({ zone }) => zone))
        const possible = new Set(Array.from(processes, zoneOf)).size
        if (wanted > 0) expect(zones.size).toBe(Math.min(possible, wanted + 1))
      }
      const owned = group.members.map((one) => one.owned.length)
      expect(Math.max(...owned) - Math.min(...owned)).toBeLessThanOrEqual(taskCounts.length)
    }),
    { numRuns: 200 },
  )
})

test('a group at rest stays as it is', () => {
  fc.assert(
    fc.property(counts, crews, fc.nat(2), (taskCounts, crew, standbys) => {
      const group = new Group(taskCounts, standbys)
      for (const { process, slot } of crew) group.join(process, slot, zoneOf(process))
      group.settle()
      const before = JSON.stringify(group.members.map(({ owned, standby }) => [owned, standby]))
      group.apply(group.round())
      group.apply(group.round())
      expect(JSON.stringify(group.members.map(({ owned, standby }) => [owned, standby]))).toBe(
        before,
      )
    }),
    { numRuns: 100 },
  )
})

test('while anybody has the stores level, nobody else becomes the owner', () => {
  const script = fc.array(
    fc.record({ joins: fc.option(place), leaves: fc.boolean(), warm: fc.nat(2) }),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(counts, script, (taskCounts, steps) => {
      const group = new Group(taskCounts, 1)
      group.join('pa', 0, 'north')
      group.settle()
      for (const { joins, leaves, warm } of steps) {
        const known = group.members.some(
          ({ process, slot }) => process === joins?.process && slot === joins.slot,
        )
        if (joins !== null && !known) group.join(joins.process, joins.slot, zoneOf(joins.process))
        if (leaves && group.members.length > 1) group.members.shift()
        group.warm((task) => task.length % 3 <= warm)
        const assignments = group.round()
        const claimed = new Set(group.members.flatMap(({ owned }) => owned))
        group.members.forEach((one, at) => {
          for (const task of assignments[at]?.active ?? []) {
            if (one.owned.includes(task) || group.isLevel(one, task)) continue
            expect(claimed.has(task)).toBe(false)
            expect(group.members.filter((other) => group.isLevel(other, task))).toEqual([])
          }
        })
        group.apply(assignments)
      }
      group.settle()
      const owned = group.members.map((one) => one.owned.length)
      expect(owned.reduce((sum, count) => sum + count, 0)).toBe(group.tasks.length)
      expect(Math.max(...owned) - Math.min(...owned)).toBeLessThanOrEqual(taskCounts.length)
    }),
    { numRuns: 200 },
  )
})

test('200 members and 2 000 tasks with two copies each are assigned in under 100 ms', () => {
  const group = new Group([1000, 600, 400], 2)
  for (let member = 0; member < 200; member += 1) {
    group.join(`p${String(member >> 1).padStart(3, '0')}`, member & 1, `zone${member % 3}`)
  }
  for (let round = 0; round < 8; round += 1) {
    group.apply(group.round())
    group.warm(() => true)
  }
  expect(Math.min(...group.times)).toBeLessThan(100)
})
