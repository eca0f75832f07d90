import { expect, test } from '@jest/globals'
import { DurationHistogram } from '../../../../benchmarks/latency/histogram.ts'

test('every percentile is right within 1.6 % of its value', () => {
  const histogram = new DurationHistogram()
  const all: number[] = []
  // A long tail: 0.1 ms to 20 s.
  for (let i = 0; i < 10_000; i++) all.push(0.1 * 200_000 ** (i / 10_000))
  for (const ms of all) histogram.record(ms)
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = all[Math.ceil(share * all.length) - 1] ?? Number.NaN
    const told = histogram.percentile(share)
    expect(told).toBeGreaterThanOrEqual(exact - 0.001)
    expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 64) + 0.001)
  }
})

test('small durations are told to the microsecond', () => {
  const histogram = new DurationHistogram()
  for (const micros of [1, 2, 3, 40, 63]) histogram.record(micros / 1_000)
  expect(histogram.percentile(0.5)).toBe(0.003)
  expect(histogram.percentile(1)).toBe(0.063)
})

test('the greatest duration is told as it was, and the mean of all', () => {
  const histogram = new DurationHistogram()
  for (const ms of [1, 2, 1_234.567]) histogram.record(ms)
  const { count, meanMs, maxMs, p999Ms } = histogram.summary()
  expect(count).toBe(3)
  expect(meanMs).toBeCloseTo(412.522, 3)
  expect(maxMs).toBe(1_234.567)
  expect(p999Ms).toBe(1_234.567)
})

test('nothing recorded has no percentile', () => {
  expect(new DurationHistogram().percentile(0.5)).toBeNaN()
})
