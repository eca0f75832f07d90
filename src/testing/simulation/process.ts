/**
 * A process that can be killed, frozen, and have its clock moved: whatever would run its code
 * (timers, answers, turns for I/O) goes through a gate.
 */
import { MetricRegistry } from '../../env/metrics.ts'
import type { Env, LogFields, Logger } from '../../env/port.ts'
import { seededRandom } from '../../env/random.ts'
import type { Scheduler } from './scheduler.ts'

/** 14 November 2023; wall clocks of all processes begin here. */
const beginMs = 1_700_000_000_000
/** A turn of the event loop takes up to this long. */
const turnMs = 0.4
const keptLines = 200

export class SimulatedProcess {
  readonly name: string
  readonly env: Env
  /** The last lines of its log. */
  readonly lines: string[] = []
  readonly #scheduler: Scheduler
  readonly #held: (() => void)[] = []
  #state: 'alive' | 'frozen' | 'dead' = 'alive'
  #skewMs = 0
  /** Time in which its machine was suspended; since when it is, where it is now. */
  #suspendedMs = 0
  #suspendedAtMs: number | undefined

  /** @param start Number of the start: each draws other random numbers. */
  constructor(scheduler: Scheduler, name: string, start: number) {
    this.#scheduler = scheduler
    this.name = name
    const turns = scheduler.random(`${name}/${start}/turns`)
    this.env = {
      clock: {
        now: () => Math.floor(beginMs + scheduler.nowMs + this.#skewMs),
        monotonic: () => this.#monotonicMs,
      },
      timers: {
        after: (delayMs, run) => this.#after(delayMs, 'timer', run),
        sleep: (delayMs, signal) => this.#sleep(delayMs, signal),
        yield: () =>
          new Promise((resolve) => {
            this.#after(turns() * turnMs, 'turn', resolve)
          }),
      },
      logger: this.#logger({}),
      metrics: new MetricRegistry(),
      random: (stream) => seededRandom(scheduler.seed, `${name}/${start}/${stream}`),
    }
  }

  get isAlive(): boolean {
    return this.#state !== 'dead'
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen'
  }

  /** Nothing of it runs again. */
  kill(): void {
    this.#state = 'dead'
    this.#held.length = 0
  }

  /**
   * It stands still.
   * @param suspended So does its machine with the clock that measures durations: the process does
   * not notice that time has passed, and its timers are as far away as before.
   */
  freeze(suspended: boolean): void {
    if (this.#state !== 'alive') return
    this.#state = 'frozen'
    if (suspended) this.#suspendedAtMs = this.#scheduler.nowMs
  }

  /** What came meanwhile happens now. */
  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'alive'
    this.#suspendedMs += this.#scheduler.nowMs - (this.#suspendedAtMs ?? this.#scheduler.nowMs)
    this.#suspendedAtMs = undefined
    // One event each: what one of them does may freeze or kill it again.
    for (const run of this.#held.splice(0)) {
      this.#scheduler.after(0, { who: this.name, what: 'wakes' }, () => this.gate(run))
    }
  }

  /** The wall clock jumps to be wrong by so much; durations are measured by another. */
  setClock(wrongMs: number): void {
    this.#skewMs = wrongMs
  }

  gate(run: () => void): void {
    if (this.#state === 'alive') run()
    else if (this.#state === 'frozen') this.#held.push(run)
  }

  get #monotonicMs(): number {
    return (this.#suspendedAtMs ?? this.#scheduler.nowMs) - this.#suspendedMs
  }

  #after(delayMs: number, what: string, run: () => void): () => void {
    const dueMs = this.#monotonicMs + Math.max(0, delayMs)
    const state = { cancelled: false, cancel: () => undefined as void }
    const look = () => {
      if (state.cancelled) return
      const leftMs = dueMs - this.#monotonicMs
      // Sums of fractions are not exact.
      if (leftMs < 1e-6) run()
      else wait(leftMs)
    }
    const wait = (ms: number) => {
      const label = { who: this.name, what }
      state.cancel = this.#scheduler.after(ms, label, () => this.gate(look))
    }
    wait(delayMs)
    return () => {
      state.cancelled = true
      state.cancel()
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
      const cancel = this.#after(delayMs, 'timer', done)
      signal?.addEventListener('abort', done)
    })
  }

  #logger(bound: LogFields): Logger {
    const write = (level: string) => (fields: LogFields, message: string) => {
      const text = JSON.stringify({ ...bound, ...fields })
      const at = (this.#scheduler.nowMs / 1000).toFixed(3)
      this.lines.push(`${at} ${this.name} ${level} ${message} ${text}`)
      if (this.lines.length > keptLines) this.lines.shift()
    }
    return {
      debug: () => undefined,
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => this.#logger({ ...bound, ...fields }),
    }
  }
}
