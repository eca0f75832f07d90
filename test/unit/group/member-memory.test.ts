import { expect, test } from '@jest/globals'
import { nothingAssigned } from '../../../src/group/assignment.ts'
import { MemberMemory } from '../../../src/group/member-memory.ts'
import { taskId } from '../../../src/model/ids.ts'

const roster = [{ transactionalId: 'counts-processa-0', tasks: [taskId(0, 0)] }]
const promised = [taskId(0, 1)]
const assignment = { ...nothingAssigned, promised, roster }
const complete = { ...assignment, rosterComplete: true }

test('a roster is complete for the next round only, and then until another assignment', () => {
  const memory = new MemberMemory()
  expect(memory.recall()).toEqual({ promised: [], roster: [], rosterComplete: false })
  memory.keep(complete)
  expect(memory.recall()).toEqual({ promised, roster, rosterComplete: true })
  // The assignment of that round did not arrive: the member describes itself once more.
  expect(memory.recall()).toEqual({ promised, roster, rosterComplete: false })
  memory.keep(complete)
  expect(memory.recall().rosterComplete).toBe(true)
})

test('a search that is done completes the roster', () => {
  const memory = new MemberMemory()
  memory.keep({ ...assignment, searchOpenTransactions: true })
  memory.searched()
  expect(memory.recall().rosterComplete).toBe(true)
})

test('a lost member keeps the roster, no longer as complete, and no promises', () => {
  const memory = new MemberMemory()
  memory.keep(complete)
  memory.lost()
  expect(memory.recall()).toEqual({ promised: [], roster, rosterComplete: false })
})
