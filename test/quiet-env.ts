/** The system's clock and timers without a log: for tests that talk to real sockets. */
import type { Env, Logger } from '../src/env/port.ts'

const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => logger,
}

export const quietEnv: Env = {
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  timers: {
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const wake = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, delayMs)
        signal?.addEventListener('abort', wake, { once: true })
      }),
    yield: () => new Promise((resolve) => setImmediate(resolve)),
  },
  logger,
  metrics: {
    counter: () => ({ add() {} }),
    gauge: () => ({ set() {} }),
    histogram: () => ({ record() {} }),
  },
  random: () => Math.random,
}
