import { expect, test } from '@jest/globals'
import { pairedRatios, spread } from '../../../benchmarks/harness/statistics.ts'

test('the median of an even number of figures lies between the middle two', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4, runs: 4 })
})

test('figures that were not measured are no runs', () => {
  expect(spread([Number.NaN, 5])).toEqual({ median: 5, min: 5, max: 5, runs: 1 })
})

test('ratios are made within a round, and rounds that lack one side are left out', () => {
  const own = [
    { round: 1, rate: 10 },
    { round: 2, rate: 30 },
    { round: 3, rate: 100 },
  ]
  const beside = [
    { round: 3, rate: 50 },
    { round: 1, rate: 10 },
  ]
  const ratios = pairedRatios(own, beside, ({ rate }) => rate)
  expect(ratios).toEqual({ median: 1.5, min: 1, max: 2, runs: 2 })
})
