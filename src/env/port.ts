/**
 * What the outside gives: one system implementation (`system.ts`), one virtual for tests and
 * simulation.
 */
export interface Env {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  /**
   * A stream of random numbers in [0, 1) of its own for each use, so that one use cannot disturb
   * another.
   */
  random(stream: string): () => number
}

export interface Clock {
  /** Milliseconds since 1970; may jump. */
  now(): number
  /** Milliseconds since some moment; never goes back. For durations and deadlines. */
  monotonic(): number
}

export interface Timers {
  /** Calls `run` once after `delayMs`, unless the returned function was called before. */
  after(delayMs: number, run: () => void): () => void
  /** Resolves after `delayMs`; at once, without an error, when the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** Resolves after pending I/O had its turn (`setImmediate`). */
  yield(): Promise<void>
}

/** Fields first, message second, as pino has it. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger
}

export type LogFields = Readonly<Record<string, unknown>>

export interface Metrics {
  counter(name: string, help: string, labels?: Labels): Counter
  gauge(name: string, help: string, labels?: Labels): Gauge
  histogram(name: string, help: string, labels?: Labels): Histogram
}

export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(amount?: number): void
}
export interface Gauge {
  set(value: number): void
}
export interface Histogram {
  record(value: number): void
}
