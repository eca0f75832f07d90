import { expect, test } from '@jest/globals'
import { type Assignment, nothingAssigned } from '../../../src/group/assignment.ts'
import { assignTasks, type LeaderView } from '../../../src/group/assign.ts'
import { encodeSubscription, type Subscription } from '../../../src/group/subscription.ts'
import { type TaskId, taskId } from '../../../src/model/ids.ts'
import { member } from './members.ts'

const view: LeaderView = {
  fingerprint: 'f1',
  taskCounts: [4],
  partitions: [{ topic: 'lines', partitions: 4 }],
}
const tasks = [0, 1, 2, 3].map((partition) => taskId(0, partition))
const [t0, t1, t2, t3] = tasks

function assign(...members: readonly Subscription[]): readonly Assignment[] {
  const joined = members.map((subscription, i) => ({
    memberId: `m${i}`,
    subscription: encodeSubscription(subscription),
  }))
  const assignments = assignTasks(view, joined)
  return joined.map(({ memberId }) => assignments.get(memberId) ?? nothingAssigned)
}

/** The member as it comes back with what it was assigned. */
function after(subscription: Subscription, assignment: Assignment | undefined): Subscription {
  const { active, promised, roster, rosterComplete, searchOpenTransactions } =
    assignment ?? nothingAssigned
  return {
    ...subscription,
    owned: active,
    promised,
    roster,
    rosterComplete: rosterComplete || searchOpenTransactions,
  }
}

test('a task that another runs is revoked first, and handed over in the next round', () => {
  const one = member('processa', 0, { owned: tasks })
  const two = member('processb', 0)
  const [kept, waits] = assign(one, two)
  expect(kept).toMatchObject({ active: [t0, t1], revoked: [t2, t3], promised: [] })
  expect(waits).toMatchObject({ active: [], revoked: [], promised: [t2, t3] })
  const [same, gets] = assign(after(one, kept), after(two, waits))
  expect(same).toMatchObject({ active: [t0, t1], revoked: [] })
  expect(gets).toMatchObject({ active: [t2, t3], promised: [], fence: [] })
})

test('the new owner fences the id of a vanished member, whoever of the survivors leads', () => {
  const members = [member('processa', 0), member('processb', 0), member('processc', 0)]
  const round = assign(...members)
  const [one, two, three] = members.map((it, i) => after(it, round[i]))
  if (one === undefined || two === undefined || three === undefined) throw new Error('no members')
  const [first, second] = assign(one, three)
  expect([...(first?.fence ?? []), ...(second?.fence ?? [])]).toEqual([two.transactionalId])
  expect(first?.searchOpenTransactions || second?.searchOpenTransactions).toBe(false)
  const reversed = assign(three, one)
  expect(reversed.flatMap(({ fence }) => fence)).toEqual([two.transactionalId])
})

test('a vanished id is remembered until its task is claimed again', () => {
  const [one, two] = [member('processa', 0), member('processb', 0)]
  const round = assign(one, two)
  const newcomer = member('processc', 0)
  // Two dies, the newcomer gets its tasks, and dies before it has fenced anything.
  const survivor = after(one, round[0])
  const again = assign(survivor, newcomer)
  expect(again[1]?.fence).toEqual([two.transactionalId])
  const [last] = assign(after(survivor, again[0]))
  expect(last?.fence).toEqual([two.transactionalId, newcomer.transactionalId])
  const [settled] = assign(after(survivor, last))
  expect(settled).toMatchObject({ fence: [], active: tasks })
  expect(settled?.roster.map((entry) => entry.transactionalId)).toEqual([one.transactionalId])
})

test('one member searches for open transactions when nobody knows who ran the tasks', () => {
  const fresh = assign(member('processa', 0), member('processb', 0))
  expect(fresh.map((it) => it.searchOpenTransactions)).toEqual([true, false])
  expect(fresh[0]?.members).toEqual(['counts-processa-0', 'counts-processb-0'])
})

test('when the one that searches dies before it has, the next round has another one search', () => {
  const [one, two, three] = [0, 1, 2].map((slot) => member('processa', slot))
  if (one === undefined || two === undefined || three === undefined) throw new Error('no members')
  const [searches, waits] = assign(one, two)
  expect(searches).toMatchObject({ searchOpenTransactions: true, rosterComplete: false })
  expect(waits).toMatchObject({ searchOpenTransactions: false, rosterComplete: false })
  // One dies. Two runs its tasks and knows that one had the others, but not who was before it.
  const [again, newcomer] = assign(after(two, waits), three)
  expect(again?.searchOpenTransactions).toBe(true)
  const [settled, other] = assign(after(two, again), after(three, newcomer))
  expect(settled).toMatchObject({ searchOpenTransactions: false, rosterComplete: true })
  expect(other).toMatchObject({ searchOpenTransactions: false, rosterComplete: true })
})

test('a roster that is older than the last round is fenced by, but does not spare a search', () => {
  const [one, two] = [member('processa', 0), member('processb', 0)]
  const round = assign(one, two)
  const woken = { ...after(one, round[0]), owned: [], promised: [], rosterComplete: false }
  const [alone] = assign(woken)
  expect(alone).toMatchObject({ fence: [two.transactionalId], searchOpenTransactions: true })
  const [, beside] = assign(after(two, round[1]), woken)
  expect(beside?.searchOpenTransactions).toBe(true)
  const informed = { ...after(two, round[1]), rosterComplete: true }
  expect(assign(informed, woken).map((it) => it.searchOpenTransactions)).toEqual([false, false])
})

test('what only an older roster knows of is searched for', () => {
  const complete = member('processa', 0, {
    owned: [taskId(0, 0), taskId(0, 1), taskId(0, 2)],
    roster: [
      { transactionalId: 'counts-processa-0', tasks: [taskId(0, 0), taskId(0, 1), taskId(0, 2)] },
    ],
    rosterComplete: true,
  })
  const older = member('processb', 0, {
    roster: [{ transactionalId: 'counts-processb-0', tasks: [taskId(0, 3)] }],
  })
  const [searches, takes] = assign(complete, older)
  expect(takes?.active).toEqual([t3])
  expect(searches?.searchOpenTransactions).toBe(true)
})

test('a member that was expelled gets back what the roster says it ran', () => {
  const [one, two] = [member('processa', 0), member('processb', 0)]
  const round = assign(one, two)
  const expelled = { ...after(two, round[1]), owned: [], promised: [] }
  const [kept, back] = assign(after(one, round[0]), expelled)
  expect(kept?.active).toEqual(round[0]?.active)
  expect(back).toMatchObject({ active: round[1]?.active, fence: [] })
})

test('tasks go to where their state is, the fullest first', () => {
  const stored = (task: TaskId | undefined, offsetSum: number) =>
    task === undefined ? [] : [{ task, offsetSum, lag: -1 }]
  const [one, two] = assign(
    member('processa', 0, { stored: [...stored(t2, 10), ...stored(t0, 5)] }),
    member('processb', 0, { stored: [...stored(t3, 1), ...stored(t0, 50)] }),
  )
  expect(one?.active).toEqual([t1, t2])
  expect(two?.active).toEqual([t0, t3])
})

test('what two members claim is given up by both before anybody gets it', () => {
  const one = member('processa', 0, { owned: [taskId(0, 0), taskId(0, 1)] })
  const two = member('processb', 0, { owned: [taskId(0, 1), taskId(0, 2)] })
  const [first, second] = assign(one, two)
  expect(first?.revoked).toEqual([t1])
  expect(second?.revoked).toEqual([t1])
  expect([...(first?.active ?? []), ...(second?.active ?? [])]).not.toContain(t1)
})

test('a worker with another topology is refused and the running ones go on', () => {
  const running = member('processa', 0, { owned: tasks })
  const [kept, refused] = assign(running, member('processb', 0, { fingerprint: 'f2' }))
  expect(kept).toMatchObject({ active: tasks, revoked: [], refusal: null })
  expect(refused).toEqual({
    ...nothingAssigned,
    refusal: { reason: 'topology-mismatch', detail: 'f1' },
  })
})

test('one member that has failed for good stops all, those with another topology too', () => {
  const stopped = {
    ...nothingAssigned,
    refusal: { reason: 'application-failed', detail: 'no luck' },
  }
  const assigned = assign(
    member('processa', 0, { owned: tasks }),
    member('processb', 0, { failure: 'no luck' }),
    member('processc', 0, { fingerprint: 'f2' }),
  )
  expect(assigned).toEqual([stopped, stopped, stopped])
})

test('a leader with another topology refuses itself and leaves the others as they are', () => {
  const other = { fingerprint: 'f2', owned: [taskId(7, 0)], promised: [taskId(8, 0)] }
  const [leader, kept] = assign(member('processa', 0), member('processb', 0, other))
  expect(leader?.refusal).toEqual({ reason: 'topology-mismatch', detail: 'f2' })
  expect(kept).toMatchObject({ active: [taskId(7, 0)], promised: [taskId(8, 0)], partitions: [] })
})

test('what a refused member still runs is handed over only when it has left', () => {
  const [kept] = assign(
    member('processa', 0, { owned: [taskId(0, 0), taskId(0, 1), taskId(0, 2)] }),
    member('processa', 1, { owned: [] }),
    member('processb', 0, { fingerprint: 'f2', owned: [taskId(0, 3)] }),
  )
  expect(kept?.active).not.toContain(t3)
})

test('a member whose data is unreadable is refused, alone', () => {
  const assignments = assignTasks(view, [
    { memberId: 'm0', subscription: encodeSubscription(member('processa', 0)) },
    { memberId: 'alien', subscription: Buffer.from('hello') },
  ])
  expect(assignments.get('alien')?.refusal?.reason).toBe('unreadable')
  expect(assignments.get('m0')).toMatchObject({ active: tasks, refusal: null })
})

test('eight members at most carry the roster, of different processes first', () => {
  const members = Array.from({ length: 12 }, (_, i) => member(`process${i % 3}`, i))
  const keepers = assign(...members).flatMap(({ roster }, i) => (roster.length > 0 ? [i % 3] : []))
  expect(keepers).toHaveLength(8)
  expect(new Set(keepers).size).toBe(3)
})
