import { expect, test } from '@jest/globals'
import { newPosition, targetOf } from '../../../../src/cli/reset/positions.ts'

const known = { topic: 'in', partition: 1, start: 10, end: 100, committed: 40, atTime: 70 }
const offsetOf = (to: string | undefined, shift?: string, change: Partial<typeof known> = {}) =>
  newPosition(targetOf(to, shift, 0), { ...known, ...change }).offset

test('positions are those of the log, of a time, or moved from what is committed', () => {
  expect(offsetOf(undefined)).toBe(10)
  expect(offsetOf('earliest')).toBe(10)
  expect(offsetOf('latest')).toBe(100)
  expect(offsetOf('2026-11-21T18:00:00Z')).toBe(70)
  expect(offsetOf('1h')).toBe(70)
  expect(offsetOf(undefined, '-5')).toBe(35)
  expect(offsetOf(undefined, '+5')).toBe(45)
})

test('positions stay within the log, and a time behind all records is its end', () => {
  expect(offsetOf(undefined, '-50')).toBe(10)
  expect(offsetOf(undefined, '1000')).toBe(100)
  const late = { ...known, atTime: undefined }
  expect(newPosition(targetOf('1h', undefined, 0), late).offset).toBe(100)
  const fresh = { ...known, committed: undefined }
  expect(newPosition(targetOf(undefined, '3', 0), fresh).offset).toBe(13)
})

test('a time ago counts from now, and what is no target is refused with what would be', () => {
  expect(targetOf('1h', undefined, 5_000_000)).toEqual({ kind: 'time', timestamp: 1_400_000 })
  expect(() => targetOf('yesterday', undefined, 0)).toThrow(/--to takes earliest, latest/)
  expect(() => targetOf(undefined, 'far', 0)).toThrow(/--shift takes a whole number/)
  expect(() => targetOf('latest', '3', 0)).toThrow(/exclude each other/)
})
