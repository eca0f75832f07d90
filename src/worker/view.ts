/** What is seen of a worker from outside: an immutable picture, made when it is asked for. */
import type { NodeLosses, TaskCounters } from '../operators/counters.ts'
import type { TaskId, TopicPartition } from '../model/ids.ts'
import type { StoreStatus } from '../state/store-view.ts'

/** starting: topics and group. running. stopping: the last commit. stopped, failed: the end. */
export type WorkerPhase = 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

export interface InputView extends TopicPartition {
  /** Committed position; undefined before the first commit that this worker knows of. */
  readonly committed: number | undefined
  /** Last stable offset, as of the last answer; undefined before the first. */
  readonly end: number | undefined
  /**
   * Offsets from what is committed, or from where reading began, to the end; control records count.
   * Undefined before the first answer.
   */
  readonly lag: number | undefined
  /** Fetched and not yet processed, of the task's queue. */
  readonly queuedBytes: number
}

export interface TaskView {
  readonly id: TaskId
  readonly phase: 'restoring' | 'running'
  readonly restored: number
  readonly restoreTotal: number
  /** Milliseconds since 1970, undefined before the first. */
  readonly watermark: number | undefined
  /** Since the task is here: records skipped, buried and left out among them. */
  readonly counters: Readonly<TaskCounters>
  /** What its nodes left out, those alone that did. */
  readonly losses: readonly NodeLosses[]
  readonly inputs: readonly InputView[]
  readonly stores: readonly StoreStatus[]
}

/** A task whose stores this worker keeps up to date for its owner. */
export interface StandbyView {
  readonly id: TaskId
  /** Offsets to the ends of its changelogs; −1: not known yet. */
  readonly lag: number
  /** When it was last level with them, milliseconds since 1970. */
  readonly levelAtMs: number | undefined
  /** The worker is to own the task once it is level. */
  readonly warming: boolean
  readonly stores: readonly StoreStatus[]
}

export interface WorkerView {
  /** Number of the worker in its process. */
  readonly worker: number
  readonly phase: WorkerPhase
  readonly memberId: string | undefined
  readonly generation: number | undefined
  /** Assignments since the start. */
  readonly rebalances: number
  /** The open epoch; undefined while there is none. */
  readonly epoch: number | undefined
  /** Input records that the open epoch has taken. */
  readonly openRecords: number
  /** Of the epoch protocol: open, committing, … */
  readonly checkpoint: string
  /** Input records processed since the start, whether committed or not. */
  readonly records: number
  /** Records a second since the picture before this one. */
  readonly rate: number
  /** Sum over the inputs whose lag is known. */
  readonly lag: number
  readonly tasks: readonly TaskView[]
  readonly standbys: readonly StandbyView[]
}
