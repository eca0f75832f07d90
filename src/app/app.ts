/** What `start()` gives: a running application in this process. */
import type { Timers } from '../env/port.ts'
import { StreamError } from '../model/errors.ts'
import { prometheusText } from '../env/prometheus.ts'
import { processMetrics } from '../ops/process-metrics.ts'
import { workerMetrics } from '../ops/worker-metrics.ts'
import type { Plan } from '../plan/plan.ts'
import type { StoreQuery } from '../query/typed-store.ts'
import type { TaskView, WorkerView } from '../worker/view.ts'
import { Crew } from './crew.ts'
import type { Slot, StopOptions } from './slot.ts'
import { AppStores, type AppStoresParts, type RoutedStore } from './stores.ts'

/** running: from the start until a stop is asked for or a worker fails. */
export type AppState = 'running' | 'stopping' | 'stopped' | 'failed'

export interface AppEvents {
  readonly state: (state: AppState) => void
  /** Tasks were assigned, started or taken away. */
  readonly rebalance: () => void
  /** The error that ends the application. */
  readonly error: (error: Error) => void
  /** Once a second. */
  readonly progress: (workers: readonly WorkerView[]) => void
}

/**
 * @example
 * const app = await start(wordCount, { brokers: ['localhost:9092'] })
 * app.on('error', (error) => console.error(error))
 * await app.store('counts').get('mill')
 * await app.stop()
 */
export interface App {
  readonly state: AppState
  /** Of the consumer group, and prefix of internal topics. */
  readonly application: string
  /** HTTP port of this process, where the option `port` asked for one. */
  readonly port: number | undefined
  /** Ends with the application. Rejects with the error that ended it. */
  readonly done: Promise<void>
  /** @returns Takes the listener away again. */
  on<Name extends keyof AppEvents>(event: Name, listener: AppEvents[Name]): () => void
  workers(): Promise<readonly WorkerView[]>
  tasks(): Promise<readonly TaskView[]>
  /**
   * What this process has of a store: a `get` of a key that is elsewhere answers undefined.
   * @throws StreamError `UNKNOWN_STORE`
   */
  store<K = unknown, V = unknown>(name: string): StoreQuery<K, V>
  /**
   * A store over all processes of the application: needs the option `port` on each of them.
   * @throws StreamError `UNKNOWN_STORE`
   */
  query<K = unknown, V = unknown>(name: string): RoutedStore<K, V>
  /** Prometheus text. */
  metrics(): Promise<string>
  /** Committed input records behind the ends, over the tasks of this process. */
  lag(): Promise<number>
  /**
   * From now on so many workers run in this process, each new one in a thread of its own. Resolves
   * when those that go have handed their tasks over; those that come get theirs by and by.
   * @param workers From 1.
   * @throws StreamError `INVALID_ARGUMENT`, `THREADS_NEED_MODULE`, `APP_NOT_RUNNING`
   */
  scale(workers: number): Promise<void>
  /** Commits what is processed, leaves the group, gives the state directory free. */
  stop(options?: StopOptions): Promise<void>
}

export interface AppParts extends Pick<AppStoresParts, 'processId' | 'partitionsOf'> {
  readonly plan: Plan
  readonly timers: Timers
  readonly slots: readonly Slot[]
  /** Starts one more worker, of that number; undefined: there is no module to start it from. */
  readonly spawn: ((slot: number) => Slot) | undefined
  /** Of HTTP, where one is open. */
  readonly port: number | undefined
  /** When all workers have ended. */
  readonly onEnd: () => void | Promise<void>
}

const progressMs = 1000

type Listeners = { readonly [Name in keyof AppEvents]: Set<AppEvents[Name]> }

export class RunningApp implements App {
  readonly done: Promise<void>
  readonly stores: AppStores
  readonly #parts: AppParts
  readonly #crew: Crew
  readonly #listeners: Listeners = {
    state: new Set(),
    rebalance: new Set(),
    error: new Set(),
    progress: new Set(),
  }
  readonly #end = new AbortController()
  #state: AppState = 'running'
  #scaling: Promise<void> = Promise.resolve()

  constructor(parts: AppParts) {
    this.#parts = parts
    this.#crew = new Crew(parts.slots)
    this.stores = new AppStores({ ...parts, slots: () => this.#crew.slots })
    this.done = this.#run()
    // Whoever does not look at `done` hears of the error by the event.
    this.done.catch(() => undefined)
    void this.#tellProgress()
  }

  get state(): AppState {
    return this.#state
  }

  get application(): string {
    return this.#parts.plan.application
  }

  get port(): number | undefined {
    return this.#parts.port
  }

  on<Name extends keyof AppEvents>(event: Name, listener: AppEvents[Name]): () => void {
    const listeners: Set<AppEvents[Name]> = this.#listeners[event]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  workers(): Promise<readonly WorkerView[]> {
    return Promise.all(this.#crew.slots.map((slot) => slot.view()))
  }

  async tasks(): Promise<readonly TaskView[]> {
    return (await this.workers()).flatMap(({ tasks }) => tasks)
  }

  store<K, V>(name: string): StoreQuery<K, V> {
    return this.stores.local(name) as unknown as StoreQuery<K, V>
  }

  query<K, V>(name: string): RoutedStore<K, V> {
    return this.stores.routed(name) as unknown as RoutedStore<K, V>
  }

  async metrics(): Promise<string> {
    const [workers, ...groups] = await Promise.all([
      this.workers(),
      ...this.#crew.slots.map((slot) => slot.metrics()),
    ])
    return prometheusText([...groups, workerMetrics(workers), processMetrics()])
  }

  async lag(): Promise<number> {
    return (await this.workers()).reduce((sum, { lag }) => sum + lag, 0)
  }

  scale(workers: number): Promise<void> {
    // One after the other: what a second call begins with is what the first one ends with.
    this.#scaling = this.#scaling.catch(() => undefined).then(() => this.#scaleTo(workers))
    return this.#scaling
  }

  async stop(options: StopOptions = {}): Promise<void> {
    if (this.#state === 'running') this.#enter('stopping')
    await this.#scaling.catch(() => undefined)
    await this.#crew.stop(options)
    await this.done
  }

  /** Called by the workers. */
  rebalanced(): void {
    for (const listener of this.#listeners.rebalance) listener()
  }

  async #scaleTo(workers: number): Promise<void> {
    if (!Number.isInteger(workers) || workers < 1 || workers > workersMax) {
      throw wrongScale('INVALID_ARGUMENT', `workers are from 1 to ${workersMax}, not ${workers}`)
    }
    const crew = this.#crew
    const { spawn } = this.#parts
    while (crew.slots.length > workers && this.#state === 'running') await crew.removeLast()
    while (crew.slots.length < workers && this.#state === 'running') {
      if (spawn === undefined) throw threadsNeedModule()
      crew.add(spawn(crew.slots.length))
    }
    if (this.#state !== 'running') {
      throw wrongScale('APP_NOT_RUNNING', `the application is ${this.#state}`)
    }
  }

  async #run(): Promise<void> {
    const error = await this.#crew.done.then(
      () => undefined,
      (failure: Error) => failure,
    )
    this.#end.abort()
    await this.#parts.onEnd()
    this.#enter(error === undefined ? 'stopped' : 'failed')
    if (error === undefined) return
    for (const listener of this.#listeners.error) listener(error)
    throw error
  }

  async #tellProgress(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      await this.#parts.timers.sleep(progressMs, signal)
      if (signal.aborted || this.#listeners.progress.size === 0) continue
      const views = await this.workers().catch(() => undefined)
      if (views === undefined) continue
      for (const listener of this.#listeners.progress) listener(views)
    }
  }

  #enter(state: AppState): void {
    this.#state = state
    for (const listener of this.#listeners.state) listener(state)
  }
}

/** As `threads`. */
const workersMax = 64

function wrongScale(code: 'INVALID_ARGUMENT' | 'APP_NOT_RUNNING', message: string): StreamError {
  return new StreamError(code, message, { domain: 'user', recovery: 'fatal' })
}

export function threadsNeedModule(): StreamError {
  return new StreamError(
    'THREADS_NEED_MODULE',
    'more than one worker needs the option `module`: the URL of the file whose default export is ' +
      'the topology (import.meta.resolve), for each thread imports it for itself',
    { domain: 'user', recovery: 'fatal' },
  )
}
