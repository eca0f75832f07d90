import { TestOutput } from './driver/test-topics.ts'

/** What jest and its like give to a matcher. */
interface MatcherContext {
  readonly equals: (received: unknown, expected: unknown) => boolean
  readonly utils: {
    readonly diff: (expected: unknown, received: unknown) => string | null | undefined
  }
}

interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** For the types of `expect`: `declare module 'expect' { interface Matchers<R> extends … {} }`. */
export interface DriverMatchers<R> {
  /** The output has had exactly these keys and values since it was last read. */
  toHaveWritten(expected: readonly (readonly [key: unknown, value: unknown])[]): R
  /** Nothing came to the output since it was last read. */
  toBeSilent(): R
}

/**
 * Assertions on a driver's outputs, for jest and what takes its matchers:
 * `expect.extend(matchers)`, then `expect(driver.output('counts')).toHaveWritten([['mill', 1]])`.
 * They read the output.
 */
export const matchers = Object.freeze({
  toHaveWritten(
    this: MatcherContext,
    received: unknown,
    expected: readonly (readonly [key: unknown, value: unknown])[],
  ): Verdict {
    const written = read(received)
    return {
      pass: this.equals(written, expected),
      message: () =>
        this.utils.diff(expected, written) ?? 'the output has had exactly these records',
    }
  },

  toBeSilent(this: MatcherContext, received: unknown): Verdict {
    const written = read(received)
    return {
      pass: written.length === 0,
      message: () => this.utils.diff([], written) ?? 'nothing came to the output',
    }
  },
})

function read(received: unknown): readonly unknown[] {
  if (received instanceof TestOutput) return received.readKeyValues()
  throw new TypeError('it is no output of a TopologyTestDriver: pass driver.output(topic)')
}
