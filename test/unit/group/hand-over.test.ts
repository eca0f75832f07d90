import { expect, test } from '@jest/globals'
import { nothingAssigned } from '../../../src/group/assignment.ts'
import { handOver } from '../../../src/group/hand-over.ts'
import { taskId } from '../../../src/model/ids.ts'

const [a, b, c] = [taskId(0, 0), taskId(0, 1), taskId(0, 2)]

test('revokes first, then fences before positions are read, then starts, then joins again', () => {
  const steps = handOver(
    { ...nothingAssigned, active: [c, a], revoked: [b], fence: ['counts-gone-0'] },
    new Set([a, b]),
    'f1',
  )
  expect(steps).toEqual([
    { kind: 'revoke', tasks: [b] },
    { kind: 'fence', transactionalIds: ['counts-gone-0'] },
    { kind: 'read-positions', tasks: [c] },
    { kind: 'start', tasks: [c] },
    { kind: 'rejoin', reason: 'tasks were handed over' },
  ])
})

test('does nothing when all stays as it is', () => {
  expect(handOver({ ...nothingAssigned, active: [a, b] }, new Set([b, a]), 'f1')).toEqual([])
})

test('gives up what the leader does not know', () => {
  const steps = handOver({ ...nothingAssigned, active: [a] }, new Set([a, c]), 'f1')
  expect(steps.map(({ kind }) => kind)).toEqual(['revoke', 'rejoin'])
})

test('what is kept is closed and started again when topics have got partitions', () => {
  const steps = handOver({ ...nothingAssigned, active: [a, c] }, new Set([a]), 'f1', true)
  expect(steps).toEqual([
    { kind: 'revoke', tasks: [a] },
    { kind: 'read-positions', tasks: [a, c] },
    { kind: 'start', tasks: [a, c] },
  ])
})

test('a restarted static member, which has nothing to close, still answers a revocation', () => {
  const steps = handOver({ ...nothingAssigned, active: [a], revoked: [b] }, new Set(), 'f1')
  expect(steps.map(({ kind }) => kind)).toEqual(['read-positions', 'start', 'rejoin'])
})

test('looks out for the round in which others hand tasks over', () => {
  const steps = handOver({ ...nothingAssigned, followedByRound: true }, new Set(), 'f1')
  expect(steps).toEqual([{ kind: 'expect-round' }])
})

test('searches open transactions before it reads positions, sparing the members', () => {
  const steps = handOver(
    { ...nothingAssigned, active: [a], searchOpenTransactions: true, members: ['counts-p1-0'] },
    new Set(),
    'f1',
  )
  expect(steps.map(({ kind }) => kind)).toEqual([
    'search-open-transactions',
    'read-positions',
    'start',
  ])
})

test('a member whose application failed elsewhere stops with what it failed with', () => {
  const refusal = { reason: 'application-failed' as const, detail: 'no luck' }
  const [step] = handOver({ ...nothingAssigned, refusal }, new Set([taskId(0, 0)]), 'f-own')
  expect(step).toMatchObject({ kind: 'stop', error: { code: 'APPLICATION_STOPPED' } })
  expect(String(step?.kind === 'stop' && step.error.message)).toMatch('no luck')
})

test('a member with another topology stops with an error that names both fingerprints', () => {
  const refusal = { reason: 'topology-mismatch' as const, detail: 'f-group' }
  const [step] = handOver({ ...nothingAssigned, refusal }, new Set(), 'f-own')
  expect(step).toMatchObject({ kind: 'stop', error: { code: 'TOPOLOGY_MISMATCH' } })
  expect(String(step?.kind === 'stop' && step.error.message)).toMatch(/f-own.*f-group/s)
})
