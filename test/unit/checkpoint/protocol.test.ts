import { expect, test } from '@jest/globals'
import { cutDueMs } from '../../../src/checkpoint/cadence.ts'
import {
  type CheckpointFact,
  type CheckpointState,
  closed,
  mayProcess,
  step,
} from '../../../src/checkpoint/protocol.ts'

const limits = { intervalMs: 100, bytesMax: 1000, recordsMax: 50 }
const error = new Error('as it happens')
const quiet = { kind: 'observed', nowMs: 0, bytes: 0, records: 0, dirty: true } as const

function after(...facts: readonly CheckpointFact[]) {
  let state: CheckpointState = closed
  let commands: readonly string[] = []
  for (const fact of facts) {
    const next = step(state, fact, limits)
    state = next.state
    commands = next.commands.map((c) => ('epoch' in c ? `${c.kind} ${c.epoch}` : c.kind))
  }
  return { state, commands }
}

const ok = { kind: 'ok' } as const
const opened = [{ kind: 'open' }, { kind: 'initialised', outcome: ok }] as const
const committing = [...opened, quiet, { kind: 'was-cut', empty: false }] as const
const settled = (kind: 'fenced' | 'abort' | 'unknown' | 'fatal') =>
  ({ kind: 'settled', outcome: { kind, error } }) as const

test('the producer is initialised before the first epoch is open', () => {
  expect(after({ kind: 'open' })).toMatchObject({
    state: { phase: 'opening' },
    commands: ['initialise'],
  })
  expect(after(...opened).state).toMatchObject({ phase: 'open', epoch: 1 })
})

test('an initialisation without an answer is asked again, a fenced one gives up', () => {
  const initialised = (kind: 'unknown' | 'fenced' | 'fatal') =>
    after({ kind: 'open' }, { kind: 'initialised', outcome: { kind, error } })
  expect(initialised('unknown')).toMatchObject({
    state: { phase: 'opening' },
    commands: ['initialise'],
  })
  expect(initialised('fenced')).toMatchObject({ state: { phase: 'closed' }, commands: ['drop'] })
  expect(initialised('fatal')).toMatchObject({ state: { phase: 'failed' }, commands: ['fail'] })
})

test('an epoch is cut by time, bytes, records or request, and only when there is something', () => {
  const start = [...committing, { kind: 'settled', outcome: ok }] as const
  const cut = (fact: object) => after(...start, { ...quiet, ...fact }).commands
  expect(cut({ nowMs: 99 })).toEqual([])
  expect(cut({ nowMs: 100 })).toEqual(['cut 2'])
  expect(cut({ nowMs: 100, dirty: false })).toEqual([])
  expect(cut({ nowMs: 1, bytes: 1000 })).toEqual(['cut 2'])
  expect(cut({ nowMs: 1, records: 50 })).toEqual(['cut 2'])
  expect(after(...start, { kind: 'requested' }, { ...quiet, nowMs: 1 }).commands).toEqual(['cut 2'])
  const asked = after(...start, { kind: 'requested' }, { ...quiet, dirty: false })
  expect(asked.state).toMatchObject({ phase: 'open', requested: false })
})

test('the next cut waits until the epoch before it is settled', () => {
  const busy = after(...committing, { ...quiet, nowMs: 500, bytes: 5000 })
  expect(busy).toMatchObject({ state: { phase: 'committing', epoch: 1 }, commands: [] })
  const free = after(...committing, { kind: 'settled', outcome: ok }, { ...quiet, nowMs: 500 })
  expect(free.commands).toEqual(['cut 2'])
})

test('a request during a commit holds for the epoch after it', () => {
  const state = after(
    ...committing,
    { kind: 'requested' },
    { kind: 'settled', outcome: ok },
    { ...quiet, nowMs: 1 },
  )
  expect(state.commands).toEqual(['cut 2'])
})

test('an empty cut is applied without a transaction', () => {
  const empty = after(...opened, quiet, { kind: 'was-cut', empty: true })
  expect(empty).toMatchObject({ state: { phase: 'open', epoch: 2 }, commands: ['apply 1'] })
})

test('each outcome of a commit has its way', () => {
  expect(after(...committing, { kind: 'settled', outcome: ok })).toMatchObject({
    state: { phase: 'open', epoch: 2 },
    commands: ['apply 1'],
  })
  expect(after(...committing, settled('fenced'))).toMatchObject({
    state: { phase: 'closed', next: 3 },
    commands: ['drop'],
  })
  expect(after(...committing, settled('abort'))).toMatchObject({
    state: { phase: 'initialising', unsettled: false },
    commands: ['initialise'],
  })
  expect(after(...committing, settled('unknown'))).toMatchObject({
    state: { phase: 'initialising', unsettled: true },
    commands: ['initialise'],
  })
  expect(after(...committing, settled('fatal'))).toMatchObject({
    state: { phase: 'failed' },
    commands: ['fail'],
  })
})

test('an aborted epoch is rolled back with the open one, and numbers are not reused', () => {
  const aborted = [...committing, settled('abort'), opened[1]] as const
  expect(after(...aborted).commands).toEqual(['roll-back'])
  const rolledBack = (positions: 'known' | 'foreign') =>
    after(...aborted, { kind: 'rolled-back', positions })
  expect(rolledBack('known').state).toMatchObject({ phase: 'open', epoch: 3 })
  // A commit came undone: the stores are ahead of the positions.
  expect(rolledBack('foreign')).toMatchObject({ state: { phase: 'closed' }, commands: ['drop'] })
})

test('an unknown outcome is settled by the committed positions', () => {
  const compared = (verdict: 'kept' | 'dropped' | 'foreign' | 'unreadable') =>
    after(...committing, settled('unknown'), opened[1], { kind: 'compared', verdict })
  expect(after(...committing, settled('unknown'), opened[1]).commands).toEqual(['compare 1'])
  expect(compared('kept')).toMatchObject({
    state: { phase: 'open', epoch: 2 },
    commands: ['apply 1'],
  })
  expect(compared('dropped').commands).toEqual(['roll-back'])
  expect(compared('foreign')).toMatchObject({ state: { phase: 'closed' }, commands: ['drop'] })
  expect(compared('unreadable').commands).toEqual(['compare 1'])
})

test('a loss drops everything in every phase, and a failed worker stays failed', () => {
  const states = [[], opened, committing, [...committing, settled('unknown')]]
  for (const facts of states) {
    expect(after(...facts, { kind: 'lost' })).toMatchObject({
      state: { phase: 'closed' },
      commands: ['drop'],
    })
  }
  expect(after({ kind: 'failed', error }, { kind: 'lost' }).state.phase).toBe('failed')
})

test('tasks are stepped on known ground only, and within the limits of the open epoch', () => {
  const small = { bytes: 10, records: 1 }
  const may = (facts: readonly CheckpointFact[], open = small) =>
    mayProcess(after(...facts).state, limits, open)
  expect(may(opened)).toBe(true)
  expect(may(committing)).toBe(true)
  expect(may(committing, { bytes: 1000, records: 1 })).toBe(false)
  expect(may(committing, { bytes: 0, records: 50 })).toBe(false)
  expect(may([...committing, settled('unknown')])).toBe(false)
  expect(may([])).toBe(false)
})

test('the wait for the next cut is what is left of the interval', () => {
  const { state } = after(...committing, { kind: 'settled', outcome: ok })
  expect(cutDueMs(state, limits, 30)).toBe(70)
  expect(cutDueMs(state, limits, 130)).toBe(0)
  expect(cutDueMs(after(...committing).state, limits, 130)).toBeUndefined()
})

test('a fact that cannot be in a phase is a defect', () => {
  expect(() => after(...opened, { kind: 'settled', outcome: ok })).toThrow(/INVARIANT_BROKEN/)
  expect(() => after({ kind: 'rolled-back', positions: 'known' })).toThrow(/INVARIANT_BROKEN/)
})

test('a cut by time may be shifted and counts as on time', () => {
  const start = [...committing, { kind: 'settled', outcome: ok }] as const
  const cut = (nowMs: number, shiftMs: number) => after(...start, { ...quiet, nowMs, shiftMs })
  expect(cut(91, -8).commands).toEqual([])
  expect(cut(92, -8)).toMatchObject({ commands: ['cut 2'], state: { cutAtMs: 100 } })
  expect(cut(107, 8).commands).toEqual([])
  expect(cut(108, 8)).toMatchObject({ commands: ['cut 2'], state: { cutAtMs: 100 } })
  expect(cut(109, 8)).toMatchObject({ commands: ['cut 2'], state: { cutAtMs: 109 } })
})
