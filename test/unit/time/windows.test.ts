import { expect, test } from '@jest/globals'
import { closesAt, firstStart, lastStart } from '../../../src/time/windows.ts'

const tumbling = { sizeMs: 10, advanceMs: 10, offsetMs: 0 }
const hopping = { sizeMs: 10, advanceMs: 4, offsetMs: 0 }

test('a tumbling window begins at a multiple of its size, plus the offset', () => {
  expect([0, 9, 10, 25].map((time) => lastStart(time, tumbling))).toEqual([0, 0, 10, 20])
  const shifted = { ...tumbling, offsetMs: 3 }
  expect([2, 3, 12, 13].map((time) => lastStart(time, shifted))).toEqual([-7, 3, 3, 13])
  expect([2, 3, 12, 13].map((time) => firstStart(time, shifted))).toEqual([-7, 3, 3, 13])
})

test('hopping windows of a time go from its first to its last start, none before 1970', () => {
  const starts = (time: number) => [firstStart(time, hopping), lastStart(time, hopping)]
  expect([0, 5, 9, 10, 22, 23].map(starts)).toEqual([
    [0, 0],
    [0, 4],
    [0, 8],
    [4, 8],
    [16, 20],
    [16, 20],
  ])
})

test('a window closes at the last millisecond that its grace takes', () => {
  expect(closesAt(20, tumbling, 5)).toBe(34)
})
