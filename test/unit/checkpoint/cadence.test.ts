import { expect, test } from '@jest/globals'
import { cutAfterMs, cutDueMs, cutShiftMs } from '../../../src/checkpoint/cadence.ts'
import { type CheckpointState, closed } from '../../../src/checkpoint/protocol.ts'
import { epoch } from '../../../src/model/ids.ts'

const limits = { intervalMs: 100, bytesMax: 1000, recordsMax: 50 }
const state: CheckpointState = { phase: 'open', epoch: epoch(2), cutAtMs: 0, requested: false }

test('the cuts to come are known while there is a pace', () => {
  const cutAfter = (ms: number, nowMs: number) => cutAfterMs(state, limits, ms, nowMs)
  expect([cutAfter(1, 0), cutAfter(100, 0), cutAfter(101, 99), cutAfter(301, 99)]).toEqual([
    100, 100, 200, 400,
  ])
  // Nothing came for an interval: what comes next is cut at once.
  expect(cutAfter(110, 101)).toBeUndefined()
  expect(cutAfterMs(closed, limits, 0, 0)).toBeUndefined()
})

test('a cut waits for input that is late, and is early when no more can be in time', () => {
  const shift = (awaited: boolean, idle: boolean) =>
    cutShiftMs(state, limits, (byMs) => awaited && byMs === 100, idle)
  expect([shift(true, true), shift(true, false)]).toEqual([10, 10])
  expect([shift(false, true), shift(false, false)]).toEqual([-10, 0])
  const short = { ...limits, intervalMs: 12 }
  expect(cutShiftMs(state, short, () => true, true)).toBe(3)
  expect(cutShiftMs(closed, limits, () => true, true)).toBe(0)
})

test('a shifted cut is due so much later or earlier, a requested one at once', () => {
  expect([0, 10, -10].map((shiftMs) => cutDueMs(state, limits, 60, shiftMs))).toEqual([40, 50, 30])
  expect(cutDueMs({ ...state, requested: true }, limits, 60, 10)).toBe(0)
})
