import { expect, test } from '@jest/globals'
import { addUp, type JestResults, noTests, tally } from '../../tally.ts'

const results: JestResults = {
  numPassedTests: 2,
  numFailedTests: 1,
  numRuntimeErrorTestSuites: 1,
  testResults: [
    {
      name: 'a.test.js',
      assertionResults: [
        { status: 'passed', fullName: 'a' },
        { status: 'pending', fullName: 'b' },
      ],
    },
  ],
}

test('a suite that does not load counts as a failure', () => {
  expect(tally(results, 1)).toEqual({ passed: 2, failed: 2, skipped: ['b'] })
})

test('a failing exit code without a failed test counts as a failure', () => {
  const fine = { ...results, numFailedTests: 0, numRuntimeErrorTestSuites: 0 }
  expect(tally(fine, 1).failed).toBe(1)
  expect(tally(fine, 0).failed).toBe(0)
})

test('tallies add up', () => {
  const one = tally(results, 1)
  expect(addUp(one, one)).toEqual({ passed: 4, failed: 4, skipped: ['b', 'b'] })
  expect(addUp(noTests, one)).toEqual(one)
})
