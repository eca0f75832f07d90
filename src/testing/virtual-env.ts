/**
 * A clock that stands still until it is moved, timers that fire in the order of their time, random
 * streams from a seed: whatever runs on it runs the same way each time.
 */
import { MetricRegistry } from '../env/metrics.ts'
import type { Clock, Env, LogFields, Logger, Timers } from '../env/port.ts'
import { seededRandom } from '../env/random.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: LogFields
  readonly message: string
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class VirtualEnv implements Env {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics = new MetricRegistry()
  /** Everything logged so far. */
  readonly lines: LogLine[] = []
  readonly #seed: number
  readonly #start: number
  #now: number
  #order = 0
  #pending: Timer[] = []

  /** @param startMs Wall clock at the beginning, milliseconds since 1970. */
  constructor(seed = 1, startMs = 1_700_000_000_000) {
    this.#seed = seed
    this.#start = startMs
    this.#now = startMs
    this.clock = { now: () => this.#now, monotonic: () => this.#now - this.#start }
    this.timers = {
      after: (delayMs, run) => this.#after(delayMs, run),
      sleep: (delayMs, signal) => this.#sleep(delayMs, signal),
      yield: () => macrotask(),
    }
    this.logger = this.#logger({})
  }

  random(stream: string): () => number {
    return seededRandom(this.#seed, stream)
  }

  /** Milliseconds until the next timer; undefined when none is set. */
  get nextTimerMs(): number | undefined {
    const next = this.#next()
    return next === undefined ? undefined : next.at - this.#now
  }

  /**
   * Moves the clock, firing timers that fall due on the way; between two of them whatever waits on
   * promises gets its turn.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await macrotask()
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#pending = this.#pending.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await macrotask()
    }
    this.#now = end
    await macrotask()
  }

  /** Advances from timer to timer until the promise is settled. @throws Error after `limitMs`. */
  async run<Value>(promise: Promise<Value>, limitMs = 3_600_000): Promise<Value> {
    const state = { settled: false }
    const done = () => {
      state.settled = true
    }
    promise.then(done, done)
    const end = this.#now + limitMs
    await macrotask()
    while (!state.settled) {
      const wait = this.nextTimerMs
      if (wait === undefined || this.#now + wait > end) {
        await macrotask()
        if (state.settled) break
        throw new Error(`nothing more happens, and the promise is pending (${this.#now})`)
      }
      await this.advance(Math.max(0, wait))
    }
    return promise
  }

  #next(): Timer | undefined {
    return this.#pending.reduce<Timer | undefined>(
      (first, timer) =>
        first === undefined ||
        timer.at < first.at ||
        (timer.at === first.at && timer.order < first.order)
          ? timer
          : first,
      undefined,
    )
  }

  #after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run }
    this.#pending.push(timer)
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer)
    }
  }

  #sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const done = () => {
        cancel()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#after(delayMs, done)
      signal?.addEventListener('abort', done)
    })
  }

  #logger(bound: LogFields): Logger {
    const write = (level: LogLine['level']) => (fields: LogFields, message: string) => {
      this.lines.push({ level, fields: { ...bound, ...fields }, message })
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => this.#logger({ ...bound, ...fields }),
    }
  }
}

/** Lets chains of promises run to their end. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
