/** The tasks of one worker: their turns, their inputs' back-pressure, their positions. */
import type { Clock } from '../env/port.ts'
import type { FetchedBatches, Fetcher } from '../kafka/client/port.ts'
import { type Epoch, partitionName, type TaskId, type TopicPartition } from '../model/ids.ts'
import type { SubTopology } from '../plan/plan.ts'
import type { RunningTask } from '../task/create-task.ts'
import type { TaskPosition } from '../task/port.ts'
import type { TaskState } from './task-directories.ts'

export interface OwnedTask {
  readonly id: TaskId
  readonly task: RunningTask
  /** Where its stores are kept; undefined: nowhere. */
  readonly state: TaskState | undefined
  readonly subTopology: SubTopology
  /** Ends what prepares the task when it is taken away before it runs. */
  readonly abort: AbortController
  /** True from `start` on: it is stepped and cut. */
  running: boolean
  /** Records restored and to restore; equal when there is nothing left. */
  restored: number
  restoreTotal: number
  /** Where reading began, by partition; empty before. */
  started: ReadonlyMap<string, number>
  /** Which topics its positions are of, by name. */
  marks: ReadonlyMap<string, string | undefined>
}

/** A position with the mark of its topic, as `start` was told it. */
export interface MarkedPosition extends TaskPosition {
  readonly mark: string | undefined
}

/** Records between two looks at the clock. */
const chunk = 256

export class OwnedTasks {
  readonly #fetcher: Fetcher
  readonly #queueBytesMax: number
  readonly #tasks = new Map<TaskId, OwnedTask>()
  /** Running task and input of each partition that is read. */
  readonly #readers = new Map<
    string,
    { readonly owned: OwnedTask; readonly input: TopicPartition }
  >()
  readonly #paused = new Map<
    string,
    { readonly owned: OwnedTask; readonly input: TopicPartition }
  >()
  /** The task whose turn is next. */
  #turn = 0
  #running: readonly OwnedTask[] = []

  constructor(fetcher: Fetcher, queueBytesMax: number) {
    this.#fetcher = fetcher
    this.#queueBytesMax = queueBytesMax
  }

  get ids(): ReadonlySet<TaskId> {
    return new Set(this.#tasks.keys())
  }

  get all(): readonly OwnedTask[] {
    return Array.from(this.#tasks.values())
  }

  get running(): readonly OwnedTask[] {
    return this.#running
  }

  get(id: TaskId): OwnedTask | undefined {
    return this.#tasks.get(id)
  }

  has(owned: OwnedTask): boolean {
    return this.#tasks.get(owned.id) === owned
  }

  add(owned: OwnedTask): void {
    this.#tasks.set(owned.id, owned)
  }

  /** Starts the task, and reading its inputs, at these positions. */
  start(owned: OwnedTask, positions: readonly MarkedPosition[], wallMs: number): void {
    owned.task.start(positions, wallMs)
    owned.running = true
    owned.marks = new Map(positions.map(({ topic, mark }) => [topic, mark]))
    owned.started = new Map(positions.map((one) => [partitionName(one), one.offset]))
    for (const position of positions) {
      this.#readers.set(partitionName(position), { owned, input: inputOf(owned, position) })
      this.#paused.delete(partitionName(position))
      this.#fetcher.assign(position, position.offset, position.leaderEpoch)
    }
    this.#recount()
  }

  /** Stops reading; the task stays owned, for a new start. */
  halt(owned: OwnedTask): void {
    for (const input of owned.task.inputs) {
      this.#fetcher.remove(input)
      this.#readers.delete(partitionName(input))
      this.#paused.delete(partitionName(input))
    }
    owned.running = false
    this.#recount()
  }

  /** Takes a task out as it is, suspended at what has committed; its stores stay open. */
  detach(owned: OwnedTask): OwnedTask {
    this.halt(owned)
    this.#tasks.delete(owned.id)
    this.#recount()
    owned.task.rollback()
    const anew = { running: false, restored: 0, restoreTotal: 0, started: new Map() }
    return { ...owned, ...anew, abort: new AbortController() }
  }

  remove(owned: OwnedTask): void {
    owned.abort.abort()
    this.halt(owned)
    this.#tasks.delete(owned.id)
    closeTask(owned)
    this.#recount()
  }

  /** Hands fetched batches to their tasks and pauses inputs with enough in their queue. */
  offer(fetched: readonly FetchedBatches[]): void {
    for (const one of fetched) {
      const name = partitionName(one)
      const reader = this.#readers.get(name)
      if (reader === undefined) continue
      const { owned, input } = reader
      owned.task.offer(input, one.batches, one.nextOffset, one.nextLeaderEpoch)
      owned.task.seeEnd(input, one.endOffset)
      if (owned.task.queuedBytes(input) > this.#queueBytesMax) {
        this.#fetcher.pause(input)
        this.#paused.set(name, reader)
      }
    }
  }

  /**
   * Steps tasks in turn until the slice is over or no task has anything to do.
   * Time is shared out equally: a task that has much to do keeps its turn for `share` at most.
   * @returns Records processed.
   */
  step(clock: Clock, sliceMs: number, recordsMax: number, wallMs: number): number {
    const tasks = this.#running
    const start = clock.monotonic()
    const shareMs = Math.max(1, sliceMs / Math.max(1, tasks.length))
    let total = 0
    for (let idle = 0; idle < tasks.length && total < recordsMax; ) {
      const owned = tasks[this.#turn % tasks.length]
      if (owned === undefined) break
      const begun = clock.monotonic()
      let records = 0
      let last = chunk
      while (last > 0 && clock.monotonic() - begun < shareMs && total + records < recordsMax) {
        last = owned.task.process(chunk, wallMs)
        records += last
      }
      this.#turn = (this.#turn + 1) % tasks.length
      idle = records === 0 ? idle + 1 : 0
      total += records
      if (clock.monotonic() - start >= sliceMs) break
    }
    if (this.#paused.size > 0) this.#resume()
    return total
  }

  advance(wallMs: number): void {
    for (const owned of this.#running) owned.task.advance(wallMs)
  }

  get dirty(): boolean {
    return this.#running.some((owned) => owned.task.dirty)
  }

  /** An operator wants to be committed. */
  get commitAsked(): boolean {
    return this.#running.some((owned) => owned.task.commitAsked)
  }

  /** Cuts every running task that has something to tell. */
  cut(epoch: Epoch): {
    readonly tasks: readonly OwnedTask[]
    readonly positions: readonly MarkedPosition[]
  } {
    const tasks = this.#running.filter((owned) => owned.task.dirty)
    const positions = tasks.flatMap(({ task, marks }) =>
      task.cut(epoch).map((position) => ({ ...position, mark: marks.get(position.topic) })),
    )
    return { tasks, positions }
  }

  #resume(): void {
    for (const [name, { owned, input }] of this.#paused) {
      if (owned.task.queuedBytes(input) > this.#queueBytesMax / 2) continue
      this.#paused.delete(name)
      this.#fetcher.resume(input)
    }
  }

  #recount(): void {
    this.#running = Array.from(this.#tasks.values()).filter((owned) => owned.running)
  }
}

/** Sum of the changelog offsets of a task's stores: how much it has. */
export function offsetSumOf({ task }: OwnedTask): number {
  return task.storeStatus().reduce((sum, { position }) => sum + (position ?? 0), 0)
}

/** Notes how far its stores are, for a start that finds their files. */
export function closeTask(owned: OwnedTask): void {
  owned.state?.notePosition(offsetSumOf(owned))
  owned.task.close()
}

/** The task's own object for an input: tasks may compare by identity. */
function inputOf(owned: OwnedTask, { topic, partition }: TopicPartition): TopicPartition {
  const found = owned.task.inputs.find(
    (input) => input.topic === topic && input.partition === partition,
  )
  return found ?? { topic, partition }
}
