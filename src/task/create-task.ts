import { StreamError } from '../model/errors.ts'
import { taskId } from '../model/ids.ts'
import type { Output } from '../model/output.ts'
import { newTaskCounters, type TaskCounters } from '../operators/counters.ts'
import type { Plan, SubTopology } from '../plan/plan.ts'
import type { StateBackend } from '../state/backend.ts'
import { MemoryBackend } from '../state/memory-backend.ts'
import type { StoreView } from '../state/store-view.ts'
import { PartitionTime, type TimeSource } from '../time/partition-time.ts'
import { TaskTime } from '../time/task-time.ts'
import { linkChain, type Chain, type Entry } from './chain.ts'
import { InputQueue } from './input-queue.ts'
import type { Task } from './port.ts'
import { producersOf } from './producers.ts'
import { PipelineTask } from './pipeline-task.ts'
import { TaskStores } from './task-stores.ts'
import { WatermarkAnnouncer } from './watermark-announcer.ts'

export interface TaskOptions {
  readonly plan: Plan
  readonly subTopology: SubTopology
  readonly partition: number
  readonly output: Output
  /** Default: `MemoryBackend`. */
  readonly backend?: StateBackend
}

/** A task, with what is looked at from outside. */
export interface RunningTask extends Task {
  readonly counters: Readonly<TaskCounters>
  /** Milliseconds since 1970; undefined before the first. */
  readonly watermark: number | undefined
  /** Highest timestamp that was processed; undefined before the first record. */
  readonly streamTime: number | undefined
  /** Raises the watermark of the task's own sources, for whoever knows more than their records. */
  raiseWatermark(toMs: number): void
  /** @throws StreamError `UNKNOWN_STORE` */
  store(name: string): StoreView
}

/** Builds one task of a plan. It is `created`: restore its stores, then start it. */
export function createTask(options: TaskOptions): RunningTask {
  const { plan, subTopology, partition, output } = options
  const id = taskId(subTopology.index, partition)
  const counters = newTaskCounters()
  const backend = options.backend ?? new MemoryBackend()
  const chain = linkChain(subTopology, partition, { task: id, output, counters }, backend)
  const topics = subTopology.sourceTopics.filter((topic) => partition < output.partitionsOf(topic))
  const inputs = topics.map((topic) => {
    const entry = entryOf(chain, topic)
    const time = new PartitionTime(timeSourceOf(topic, entry, options))
    return new InputQueue({ topic, partition }, entry, time)
  })
  return new PipelineTask({
    id,
    counters,
    inputs,
    time: new TaskTime(inputs.map((input) => input.time)),
    stores: new TaskStores({ plan, partition, chain, backend, output }),
    announcer: new WatermarkAnnouncer(subTopology, partition, output),
  })
}

function entryOf(chain: Chain, topic: string): Entry {
  const entry = chain.entries.get(topic)
  if (entry !== undefined) return entry
  throw new StreamError('INVARIANT_BROKEN', `the plan has no source for its topic ${topic}`, {
    domain: 'internal',
    recovery: 'fatal',
    where: { topic },
  })
}

function timeSourceOf(topic: string, entry: Entry, { plan, output }: TaskOptions): TimeSource {
  if (entry.repartition) {
    const expected = producersOf(topic, plan, (name) => output.partitionsOf(name))
    return { kind: 'producers', expected }
  }
  const { watermark, idleAfterMs } = entry.node.source
  return { kind: 'records', watermark, idleAfterMs }
}
