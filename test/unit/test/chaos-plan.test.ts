import { expect, test } from '@jest/globals'
import { events, planRounds, randomNumbers } from '../../chaos/plan.ts'

test('the same seed plans the same rounds, another seed others', () => {
  expect(planRounds(7, 20)).toEqual(planRounds(7, 20))
  expect(planRounds(7, 20)).not.toEqual(planRounds(8, 20))
})

test('every event comes equally often, and none that is left out', () => {
  const plan = planRounds(1, 20)
  for (const event of events) {
    expect(plan.filter((round) => round.event === event)).toHaveLength(4)
  }
  const withoutBroker = planRounds(1, 20, ['broker'])
  expect(withoutBroker).toHaveLength(20)
  expect(withoutBroker.map(({ event }) => event)).not.toContain('broker')
})

test('random numbers are spread over [0, 1)', () => {
  const random = randomNumbers(3)
  const numbers = Array.from({ length: 1_000 }, random)
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  expect(new Set(numbers.map((n) => Math.floor(n * 10))).size).toBe(10)
})
