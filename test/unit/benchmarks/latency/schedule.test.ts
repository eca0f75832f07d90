import { expect, test } from '@jest/globals'
import { dueBy, intendedMs } from '../../../../benchmarks/latency/schedule.ts'

const schedule = { startMs: 1_000, perSecond: 5_000 }

test('records are due at a fixed rate, whenever it is that one looks', () => {
  expect(dueBy(schedule, 999.9)).toBe(0)
  expect(dueBy(schedule, 1_000)).toBe(1)
  expect(dueBy(schedule, 1_001)).toBe(6)
  // A stall of ten seconds: everything that fell due in it is due now.
  expect(dueBy(schedule, 11_000)).toBe(50_001)
})

test('a record is due from its intended time on', () => {
  for (const index of [0, 1, 7, 50_000]) {
    const atMs = intendedMs(schedule, index)
    expect(dueBy(schedule, atMs - 0.01)).toBe(index)
    expect(dueBy(schedule, atMs + 0.01)).toBe(index + 1)
  }
})
