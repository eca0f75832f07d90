/**
 * What the worker sees of a task: a synchronous state machine over batches, output and outcomes.
 */
import type { Epoch, TaskId, TopicPartition } from '../model/ids.ts'
import type { RecordBatch } from '../model/record.ts'

/** A committed input position with the task's own words in the metadata (watermarks, base64). */
export interface TaskPosition extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

/** A store that has to read its changelog before the task runs. */
export interface RestoreNeed extends TopicPartition {
  readonly store: string
  /** First offset that the store does not have yet; 0 for an empty one. */
  readonly from: number
  /**
   * Where restoring ends: the committed position of a topic that is a table. Undefined: the log's
   * end.
   */
  readonly to: number | undefined
  /** How its files are laid out, where that depends on its options: others cannot be read. */
  readonly layout?: string
}

/** Records before the offset are needed no more, by whoever owns the task. */
export interface PurgePoint extends TopicPartition {
  readonly offset: number
}

/** created → restoring → running → suspended → closed; the table is in `life-cycle.ts`. */
export type TaskPhase = 'created' | 'restoring' | 'running' | 'suspended' | 'closed'

export interface Task {
  readonly id: TaskId
  readonly phase: TaskPhase
  /** Partitions that the task reads: those of tables that are looked up first. */
  readonly inputs: readonly TopicPartition[]

  /**
   * Enters `restoring`; the answer may be empty.
   * @param positions Those that the task will start from.
   */
  restoreNeeds(positions: readonly TaskPosition[]): readonly RestoreNeed[]
  restore(store: string, batches: readonly RecordBatch[], nextOffset: number): void
  /** While it restores: what is kept of a store is not to be used. */
  clear(store: string): void
  /** While it restores for an owner elsewhere: how far that one has committed. */
  follow(positions: readonly TaskPosition[]): void
  /** Enters `running` from the committed positions: watermarks come from their metadata. */
  start(positions: readonly TaskPosition[], wallMs: number): void

  /** Queues batches of one input; `nextOffset` is where its reading goes on. */
  offer(
    input: TopicPartition,
    batches: readonly RecordBatch[],
    nextOffset: number,
    nextLeaderEpoch: number,
  ): void
  /**
   * Tells what the fetcher knows: the log end of an input. A partition read up to there has nothing
   * unread.
   */
  seeEnd(input: TopicPartition, endOffset: number): void
  /** Bytes queued of one input, for pausing and resuming its fetch. */
  queuedBytes(input: TopicPartition): number

  /**
   * Processes up to `recordsMax` records in timestamp order; answers how many. 0: waits for input.
   */
  process(recordsMax: number, wallMs: number): number
  /** Idleness, wall-clock timers and the watermark's advance; cheap when nothing is due. */
  advance(wallMs: number): void
  /** True when a cut would write, commit or move anything. */
  readonly dirty: boolean
  /** True while an operator wants what was processed so far to be committed soon. */
  readonly commitAsked: boolean

  /**
   * Ends the open epoch of the task: per-commit emission and changelog records go to the output,
   * and the positions reached are the answer. An epoch that was cut before is settled by then.
   */
  cut(epoch: Epoch): readonly TaskPosition[]
  /**
   * The epoch committed: its writes are committed state, changelogs reach the given ends
   * (`topic-partition` → offset).
   */
  committed(epoch: Epoch, ends: ReadonlyMap<string, number>): void
  /**
   * Drops every unsettled epoch, back to the last committed state; queued input is forgotten. The
   * worker then reads the committed positions again and calls `start`.
   */
  rollback(): void
  /** Brings what has committed to where stores are kept: takes it now, or at the next commit. */
  wantFlush(): void
  /** Writes up to so many changes of what was taken; true while there are more. */
  writeFlush(changesMax: number): boolean
  /** Memory of what its stores could read from where they are kept, about. */
  readonly cachedBytes: number
  /** Lets such a share of that go: at once while it restores, else when the next epoch commits. */
  evict(share: number): void
  /** Flushes what has committed. */
  close(): void
}
