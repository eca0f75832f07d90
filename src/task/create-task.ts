import { StreamError } from '../model/errors.ts'
import { taskId } from '../model/ids.ts'
import type { Output } from '../model/output.ts'
import { newTaskCounters, type NodeLosses, type TaskCounters } from '../operators/counters.ts'
import { newTaskTurn } from '../operators/turn.ts'
import { lookedUpTopics } from '../plan/co-partitioning.ts'
import type { Plan, SubTopology } from '../plan/plan.ts'
import type { StoreStatus, StoreView } from '../state/store-view.ts'
import { PartitionTime, type TimeSource } from '../time/partition-time.ts'
import { TaskTime } from '../time/task-time.ts'
import { linkChain, type Chain, type Entry } from './chain.ts'
import type { GlobalStores } from './global-stores.ts'
import { InputQueue } from './input-queue.ts'
import type { KeptStores } from './kept-stores.ts'
import type { PurgePoint, Task } from './port.ts'
import { producersOf } from './producers.ts'
import { PipelineTask } from './pipeline-task.ts'
import { TaskStores } from './task-stores.ts'
import { WatermarkAnnouncer } from './watermark-announcer.ts'

export interface TaskOptions {
  readonly plan: Plan
  readonly subTopology: SubTopology
  readonly partition: number
  readonly output: Output
  /**
   * Partitions of the topics that the plan reads, on which all workers of a group have to agree:
   * inputs and the expected watermarks of other tasks follow from them. Default: those of `output`.
   */
  readonly partitionsOf?: (topic: string) => number
  /** Default: what the stores hold in memory is all. */
  readonly kept?: KeptStores | undefined
  /** Needed where the plan has global tables. */
  readonly globals?: GlobalStores | undefined
}

/** A task, with what is looked at from outside. */
export interface RunningTask extends Task {
  readonly counters: Readonly<TaskCounters>
  /** What nodes have left out, those alone that have. */
  losses(): readonly NodeLosses[]
  /** Milliseconds since 1970; undefined before the first. */
  readonly watermark: number | undefined
  /** Highest timestamp that was processed; undefined before the first record. */
  readonly streamTime: number | undefined
  /** Raises the watermark of the task's own sources, for whoever knows more than their records. */
  raiseWatermark(toMs: number): void
  /** How far changelogs may be purged, as of what has committed. */
  purgeable(): readonly PurgePoint[]
  storeStatus(): readonly StoreStatus[]
  /** @throws StreamError `UNKNOWN_STORE` */
  store(name: string): StoreView
}

/** Builds one task of a plan. It is `created`: restore its stores, then start it. */
export function createTask(options: TaskOptions): RunningTask {
  const { plan, subTopology, partition, output } = options
  const id = taskId(subTopology.index, partition)
  const counters = newTaskCounters()
  const turn = newTaskTurn()
  const scope = { task: id, output, counters, turn }
  const chain = linkChain(subTopology, partition, scope, {
    kept: options.kept,
    globals: options.globals,
  })
  const { partitionsOf = (topic: string) => output.partitionsOf(topic) } = options
  const topics = inputTopics(subTopology).filter((topic) => partition < partitionsOf(topic))
  const inputs = topics.map((topic) => {
    const entry = entryOf(chain, topic)
    const time = new PartitionTime(timeSourceOf(topic, entry, plan, partitionsOf))
    return new InputQueue({ topic, partition }, entry, time)
  })
  return new PipelineTask({
    id,
    counters,
    nodes: chain.nodes,
    turn,
    inputs,
    time: new TaskTime(inputs.map((input) => input.time)),
    stores: new TaskStores({ plan, partition, chain, kept: options.kept, output }),
    timed: chain.timed,
    announcer: new WatermarkAnnouncer(subTopology, partition, output),
  })
}

/** Of records of the same time the first topic's go first: a table knows them before its joins. */
function inputTopics({ sourceTopics, steps }: SubTopology): readonly string[] {
  const tables = lookedUpTopics(steps)
  const others = sourceTopics.filter((topic) => !tables.has(topic))
  return [...sourceTopics.filter((topic) => tables.has(topic)), ...others]
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

function timeSourceOf(
  topic: string,
  entry: Entry,
  plan: Plan,
  partitionsOf: (topic: string) => number,
): TimeSource {
  if (entry.repartition && entry.node.source.silent !== true) {
    return { kind: 'producers', expected: producersOf(topic, plan, partitionsOf) }
  }
  const { watermark, idleAfterMs } = entry.node.source
  return { kind: 'records', watermark, idleAfterMs }
}
