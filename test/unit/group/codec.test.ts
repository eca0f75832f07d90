import { expect, test } from '@jest/globals'
import { decodeAssignment, encodeAssignment } from '../../../src/group/assignment.ts'
import { decodeSubscription, encodeSubscription } from '../../../src/group/subscription.ts'
import { StreamError } from '../../../src/model/errors.ts'
import { taskId } from '../../../src/model/ids.ts'
import { member } from './members.ts'

const roster = [{ transactionalId: 'counts-p1-0', tasks: [taskId(0, 3), taskId(2, 0)] }]

test('a subscription comes back as it was written, its tasks sorted', () => {
  const subscription = member('worker1', 1, {
    owned: [taskId(1, 0), taskId(0, 10), taskId(0, 9)],
    promised: [taskId(1, 1)],
    stored: [{ task: taskId(0, 9), offsetSum: 2 ** 40, lag: 3 }],
    roster,
    rosterComplete: true,
  })
  const decoded = decodeSubscription(encodeSubscription(subscription))
  expect(decoded).toEqual({
    kind: 'read',
    value: { ...subscription, owned: [taskId(0, 9), taskId(0, 10), taskId(1, 0)] },
  })
})

test('an assignment comes back as it was written, a refusal too', () => {
  const assignment = {
    active: [taskId(0, 0)],
    revoked: [taskId(0, 1)],
    promised: [taskId(1, 1)],
    standby: [taskId(0, 2)],
    warming: [taskId(0, 4)],
    followedByRound: true,
    fence: ['counts-p2-0'],
    searchOpenTransactions: true,
    members: ['counts-p1-0'],
    roster,
    rosterComplete: true,
    partitions: [{ topic: 'lines', partitions: 4 }],
    refusal: { reason: 'topology-mismatch' as const, detail: 'abc' },
  }
  expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
  const stopped = { reason: 'application-failed' as const, detail: 'no luck' }
  const last = { ...assignment, refusal: stopped }
  expect(decodeAssignment(encodeAssignment(last))).toEqual(last)
  const accepted = { ...assignment, refusal: null }
  expect(decodeAssignment(encodeAssignment(accepted))).toEqual(accepted)
})

test('a subscription of an unknown version is unreadable and says which version it has', () => {
  const bytes = encodeSubscription(member('worker1', 0))
  bytes[1] = 9
  expect(decodeSubscription(bytes)).toEqual({
    kind: 'unreadable',
    reason: 'version 9 of the group data',
  })
})

test('bytes after the structure, and numbers below zero, are unreadable', () => {
  const bytes = encodeSubscription(member('worker1', 0))
  expect(decodeSubscription(Buffer.concat([bytes, Buffer.of(0)])).kind).toBe('unreadable')
  const negative = encodeSubscription(member('worker1', 0, { owned: [taskId(-1, 0)] }))
  expect(decodeSubscription(negative).kind).toBe('unreadable')
})

test('an assignment that cannot be read is an error with a code', () => {
  expect(() => decodeAssignment(Buffer.from('nonsense'))).toThrow(StreamError)
  expect(() => decodeAssignment(Buffer.from('nonsense'))).toThrow(/GROUP_ASSIGNMENT_UNREADABLE/)
})
