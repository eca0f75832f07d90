/** The real clock, timers, randomness, logger (pino) and metrics. */
import { randomInt } from 'node:crypto'
import { setImmediate as afterIo } from 'node:timers/promises'
import { pino } from 'pino'
import { MetricRegistry } from './metrics.ts'
import type { Clock, Env, LogFields, Logger, Timers } from './port.ts'
import { seededRandom } from './random.ts'

export interface SystemEnv extends Env {
  readonly metrics: MetricRegistry
}

export interface SystemEnvOptions {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** On every line: the application, say. */
  readonly fields?: LogFields
  /** Default: drawn at start. */
  readonly seed?: number
}

export function systemEnv(options: SystemEnvOptions): SystemEnv {
  const seed = options.seed ?? randomInt(2 ** 31)
  return {
    clock,
    timers,
    logger: pinoLogger(options),
    metrics: new MetricRegistry(),
    random: (stream) => seededRandom(seed, stream),
  }
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}

const timers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  sleep(delayMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delayMs)
      signal?.addEventListener('abort', done)
    })
  },
  yield: () => afterIo(),
}

/**
 * JSON lines on standard error, so that standard output stays the topology's own. Synchronous: a
 * line written just before the process ends is not lost.
 */
function pinoLogger({ logLevel, fields }: SystemEnvOptions): Logger {
  const destination = pino.destination({ dest: 2, sync: true })
  const options = { level: logLevel, base: { pid: process.pid, ...fields } }
  return pino(options, destination)
}
