import { expect, test } from '@jest/globals'
import { alignedHoldMs, Lag } from '../../../../../src/kafka/client/fetch/alignment.ts'

/** Wanted every 100 ms. */
const every100 = (ms: number) => Math.ceil(ms / 100) * 100
const hold = (nowMs: number, lagMs = 3, usualMs = 50) =>
  alignedHoldMs({ usualMs, nowMs, lagMs, wantedAfter: every100 })

test('holds have equal lengths, and the last one ends a lag before the wanted moment', () => {
  let nowMs = 1
  const holds: number[] = []
  while (nowMs < 97) {
    holds.push(hold(nowMs))
    nowMs += holds.at(-1) ?? 100
  }
  expect(holds).toEqual([48, 48])
  expect(nowMs).toBe(97)
})

test('a hold is a quarter longer than usual where that spares another one', () => {
  expect(hold(38)).toBe(59)
  expect(hold(30)).toBe(33)
})

test('what cannot be here in time is tuned to the moment after it', () => {
  expect(hold(94)).toBe(3)
  expect(hold(96)).toBe(50)
})

test('the usual hold where nothing is known', () => {
  const wish = { usualMs: 50, nowMs: 7, lagMs: 3, wantedAfter: () => undefined }
  expect(alignedHoldMs(wish)).toBe(50)
})

test('a hold is at least a millisecond, however short the usual one', () => {
  expect(hold(5, 3, 1)).toBe(1)
})

test('a lag is taken in quickly, given up slowly, and never beyond its limit', () => {
  const lag = new Lag(10)
  expect(lag.ms).toBe(1)
  lag.note(5)
  expect(lag.ms).toBe(3)
  lag.note(1)
  expect(lag.ms).toBeCloseTo(2.9)
  for (let i = 0; i < 20; i++) lag.note(1_000)
  expect(lag.ms).toBeLessThanOrEqual(10)
  expect(lag.ms).toBeGreaterThan(9.9)
})
