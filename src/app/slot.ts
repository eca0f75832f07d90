/** One worker of this process, in this thread or in one of its own. */
import type { MetricFamily } from '../env/prometheus.ts'
import type { Isolation } from '../state/spec.ts'
import type { WorkerView } from '../worker/view.ts'

export interface StopOptions {
  /**
   * The same process will be back soon: a static member stays in the group, and its tasks wait for
   * it for the session time-out. @default false
   */
  readonly restart?: boolean
}

export interface Slot {
  /** Ends with the worker. Rejects with its error. */
  readonly done: Promise<void>
  stop(options: StopOptions): Promise<void>
  view(): Promise<WorkerView>
  /** Looks into every local part of a store; undefined where none has the key. */
  get(store: string, key: unknown, isolation: Isolation): Promise<unknown>
  metrics(): Promise<readonly MetricFamily[]>
}
