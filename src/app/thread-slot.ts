/** A worker in a thread of its own: this side of the messages. The other is `src/thread.ts`. */
import { Worker as Thread } from 'node:worker_threads'
import type { Settings } from '../config/option-table.ts'
import type { MetricFamily } from '../env/prometheus.ts'
import type { Place } from '../group/directory.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import type { WorkerView } from '../worker/view.ts'
import type { Slot, StopOptions } from './slot.ts'

/** What a thread is started with. */
export interface ThreadStart {
  readonly settings: Settings
  readonly counts: ReadonlyMap<string, number>
  /** Topics that the patterns of the topology match. */
  readonly matched: readonly string[]
  readonly processId: string
  /** Of the application's state. */
  readonly directory: string
  readonly slot: number
  readonly endpoint: string
  readonly instanceId: string | null
  /** URL of the module with the topology. */
  readonly module: string
}

export type Question =
  | { readonly kind: 'stop'; readonly options: StopOptions }
  | { readonly kind: 'view' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'places' }
  | { readonly kind: 'ask'; readonly question: StoreQuestion }

export interface Asked {
  readonly id: number
  readonly question: Question
}

export type Told =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: Error }
  | { readonly kind: 'rebalanced' }
  /** The worker has ended; the thread does next. Errors arrive with their code as a property. */
  | { readonly kind: 'ended'; readonly error: Error | undefined }

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export function startThread(start: ThreadStart, onRebalanced: () => void): Slot {
  return new ThreadSlot(start, onRebalanced)
}

class ThreadSlot implements Slot {
  readonly done: Promise<void>
  readonly #thread: Thread
  readonly #waiting = new Map<number, Waiting>()
  #next = 1
  #error: Error | undefined

  constructor(start: ThreadStart, onRebalanced: () => void) {
    this.#thread = new Thread(new URL('../thread.js', import.meta.url), { workerData: start })
    this.#thread.on('message', (told: Told) => this.#hear(told, onRebalanced))
    this.done = new Promise((resolve, reject) => {
      this.#thread.on('error', (error) => {
        this.#error ??= error
      })
      this.#thread.on('exit', () => {
        this.#forgetAll()
        if (this.#error === undefined) resolve()
        else reject(this.#error)
      })
    })
  }

  async stop(options: StopOptions): Promise<void> {
    await this.#ask({ kind: 'stop', options })
  }

  async view(): Promise<WorkerView> {
    return (await this.#ask({ kind: 'view' })) as WorkerView
  }

  async ask(question: StoreQuestion): Promise<StoreAnswer> {
    const answer = await this.#ask({ kind: 'ask', question })
    // A thread that has ended has nothing.
    return (answer as StoreAnswer | undefined) ?? { parts: [], silent: [] }
  }

  async places(): Promise<readonly Place[] | undefined> {
    return (await this.#ask({ kind: 'places' })) as readonly Place[] | undefined
  }

  async metrics(): Promise<readonly MetricFamily[]> {
    return (await this.#ask({ kind: 'metrics' })) as readonly MetricFamily[]
  }

  #ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#next++
      this.#waiting.set(id, { resolve, reject })
      const asked: Asked = { id, question }
      this.#thread.postMessage(asked)
    })
  }

  #hear(told: Told, onRebalanced: () => void): void {
    if (told.kind === 'rebalanced') return onRebalanced()
    if (told.kind === 'ended') {
      this.#error ??= told.error
      return
    }
    const waiting = this.#waiting.get(told.id)
    this.#waiting.delete(told.id)
    if (told.kind === 'answer') waiting?.resolve(told.value)
    else waiting?.reject(told.error)
  }

  /** The thread is gone; a stop that was asked for meanwhile has what it wanted. */
  #forgetAll(): void {
    for (const { resolve } of this.#waiting.values()) resolve(undefined)
    this.#waiting.clear()
  }
}
