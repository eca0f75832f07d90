/** The part of jest's JSON report that is read here. */
export interface JestResults {
  readonly numPassedTests: number
  readonly numFailedTests: number
  /** Suites that could not be loaded: none of their tests are in the other numbers. */
  readonly numRuntimeErrorTestSuites: number
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface Tally {
  readonly passed: number
  readonly failed: number
  /** Names of the tests that were not run. */
  readonly skipped: readonly string[]
}

export const noTests: Tally = { passed: 0, failed: 0, skipped: [] }

/** @param code Jest's exit code: when it failed and no test did, something else counts as one. */
export function tally(results: JestResults, code: number): Tally {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
  const skipped = results.testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => fullName),
  )
  return { passed: results.numPassedTests, failed: Math.max(failed, code === 0 ? 0 : 1), skipped }
}

export function addUp(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: [...a.skipped, ...b.skipped],
  }
}
