import type { Clock, Counter, Logger, Timers } from '../env/port.ts'
import type { MetricFamily } from '../env/prometheus.ts'
import type { Place } from '../group/directory.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import type { WorkerView } from '../worker/view.ts'
import type { Slot, StopOptions } from './slot.ts'

export interface ReplacingParts {
  /** False: a worker that fails ends the slot. */
  readonly replacesFailed: boolean
  /** A worker that goes comes back under its name: a static member. */
  readonly keepsName: boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly replaced: Counter
  /** Starts another worker in this slot. */
  readonly start: () => Promise<Slot>
}

const firstPauseMs = 1_000
const longestPauseMs = 60_000

/**
 * A slot whose worker is replaced when it is renewed, or ends with an error (Kafka Streams'
 * REPLACE_THREAD): then after a second, doubled up to a minute while that goes on. The next one
 * begins where the last one has committed. Questions to stores that come meanwhile wait for it;
 * what is seen of the worker and its metrics is what was seen last.
 */
export class ReplacingSlot implements Slot {
  readonly done: Promise<void>
  readonly #parts: ReplacingParts
  readonly #end = new AbortController()
  #current: Promise<Slot>
  #renewing = false
  /** Between two workers: how the one before ended. */
  #vacant: 'failed' | 'stopped' | undefined
  #view: WorkerView | undefined
  #metrics: readonly MetricFamily[] | undefined

  constructor(first: Slot, parts: ReplacingParts) {
    this.#parts = parts
    this.#current = Promise.resolve(first)
    this.done = this.#run(first)
  }

  async stop(options: StopOptions): Promise<void> {
    this.#end.abort()
    await (await this.#current).stop(options)
  }

  /** Ends the worker, which commits first, and puts another one in its place. */
  async renew(): Promise<void> {
    if (this.#end.signal.aborted) return
    this.#renewing = true
    await (await this.#current).stop({ restart: this.#parts.keepsName })
  }

  async view(): Promise<WorkerView> {
    if (this.#vacant !== undefined && this.#view !== undefined) {
      return { ...this.#view, phase: this.#vacant, tasks: [] }
    }
    this.#view = await (await this.#current).view()
    return this.#view
  }

  async ask(question: StoreQuestion): Promise<StoreAnswer> {
    return (await this.#current).ask(question)
  }

  async places(): Promise<readonly Place[] | undefined> {
    return (await this.#current).places()
  }

  async metrics(): Promise<readonly MetricFamily[]> {
    if (this.#vacant !== undefined && this.#metrics !== undefined) return this.#metrics
    this.#metrics = await (await this.#current).metrics()
    return this.#metrics
  }

  /** @throws the error of a worker that ends while the slot is being stopped. */
  async #run(first: Slot): Promise<void> {
    const { clock } = this.#parts
    let slot: Slot | undefined = first
    let pauseMs = firstPauseMs
    while (slot !== undefined) {
      const beganMs = clock.monotonic()
      const error = await errorOf(slot.done)
      if (!this.#goesOn(error)) {
        if (error === undefined) return
        throw error
      }
      this.#renewing = false
      if (clock.monotonic() - beganMs > longestPauseMs) pauseMs = firstPauseMs
      const { promise, resolve } = Promise.withResolvers<Slot>()
      this.#current = promise
      this.#vacant = error === undefined ? 'stopped' : 'failed'
      const failed: Slot = slot
      slot = await this.#another(error, pauseMs)
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
      this.#vacant = undefined
      // Whoever stops the slot meanwhile stops one that has ended.
      resolve(slot ?? failed)
    }
  }

  #goesOn(error: Error | undefined): boolean {
    if (this.#end.signal.aborted) return false
    return error === undefined ? this.#renewing : this.#parts.replacesFailed
  }

  /** A start that fails is tried again; undefined when the slot is stopped first. */
  async #another(error: Error | undefined, firstMs: number): Promise<Slot | undefined> {
    const { timers, logger, replaced, start } = this.#parts
    const { signal } = this.#end
    let reason = error
    for (let pauseMs = firstMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      if (reason !== undefined) {
        logger.error({ error: reason.message, pauseMs }, 'the worker is replaced')
        await timers.sleep(pauseMs, signal)
      }
      if (signal.aborted) return undefined
      try {
        const slot = await start()
        if (reason !== undefined) replaced.add()
        return slot
      } catch (cause) {
        reason = asError(cause)
      }
    }
  }
}

function errorOf(done: Promise<void>): Promise<Error | undefined> {
  return done.then(() => undefined, asError)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
