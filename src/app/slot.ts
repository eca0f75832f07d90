/** One worker of this process, in this thread or in one of its own. */
import type { MetricFamily } from '../env/prometheus.ts'
import type { Place } from '../group/directory.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
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
  /** What the tasks of this worker have of a store. */
  ask(question: StoreQuestion): Promise<StoreAnswer>
  /** Who has which tasks of the group; undefined while it has no settled generation. */
  places(): Promise<readonly Place[] | undefined>
  metrics(): Promise<readonly MetricFamily[]>
}
