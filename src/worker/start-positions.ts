/** Where tasks begin to read: the committed positions, and the source's policy where none are. */
import { markOf, topicMark, withoutTag } from '../checkpoint/position-tag.ts'
import type { Env } from '../env/port.ts'
import type { Admin, CommittedPosition } from '../kafka/client/port.ts'
import { partitionName, type TopicPartition } from '../model/ids.ts'
import type { SubTopology } from '../plan/plan.ts'
import { topicRecreated } from './fetch-problems.ts'
import type { MarkedPosition, OwnedTask } from './owned-tasks.ts'

type StartFrom = 'earliest' | 'latest' | { readonly lastMs: number }

export interface StartPositions {
  readonly committed: ReadonlyMap<string, CommittedPosition>
  /** One for each input of the task. */
  readonly of: (owned: OwnedTask) => readonly MarkedPosition[]
}

/** A broker that lags may tell a topic that was just made by its id before, for so many looks. */
const looksMax = 4
const betweenLooksMs = 500

/**
 * Waits for positions to be stable: transactions of predecessors have to be fenced before.
 * @throws StreamError `TOPIC_RECREATED`
 */
export async function readStartPositions(
  tasks: readonly OwnedTask[],
  groupId: string,
  admin: Admin,
  env: Env,
): Promise<StartPositions> {
  const inputs = tasks.flatMap(({ task, subTopology }) =>
    task.inputs.map((input) => ({ input, from: startFromOf(subTopology, input.topic) })),
  )
  const committed = await admin.committedOffsets(
    groupId,
    inputs.map(({ input }) => input),
  )
  const marks = await readMarks(inputs, committed, admin, env)
  const without = inputs.filter(({ input }) => !committed.has(partitionName(input)))
  const initial = await initialOffsets(without, admin, env)
  return {
    committed,
    of: ({ task }) =>
      task.inputs.map(({ topic, partition }) => {
        const name = partitionName({ topic, partition })
        const position = committed.get(name)
        const { offset, leaderEpoch } = position ?? {
          offset: initial.get(name) ?? 0,
          leaderEpoch: -1,
        }
        const metadata = withoutTag(position?.metadata ?? '')
        return { topic, partition, offset, leaderEpoch, metadata, mark: marks.get(topic) }
      }),
  }
}

/** By topic; a position that was committed of another topic of the same name is an error. */
async function readMarks(
  inputs: readonly { readonly input: TopicPartition }[],
  committed: ReadonlyMap<string, CommittedPosition>,
  admin: Admin,
  env: Env,
): Promise<ReadonlyMap<string, string>> {
  const topics = [...new Set(inputs.map(({ input }) => input.topic))]
  for (let look = 1; ; look++) {
    const marks = new Map<string, string>()
    for (const { name, topicId } of (await admin.describeTopics(topics)).values()) {
      if (topicId !== null) marks.set(name, topicMark(topicId))
    }
    const foreign = Array.from(committed.values()).find(({ topic, metadata }) => {
      const present = marks.get(topic)
      return present !== undefined && present !== (markOf(metadata) ?? present)
    })
    if (foreign === undefined) return marks
    if (look === looksMax) throw topicRecreated(foreign, foreign.offset)
    await env.timers.sleep(betweenLooksMs)
  }
}

export function startFromOf(subTopology: SubTopology, topic: string): StartFrom {
  for (const step of subTopology.steps) {
    if (step.kind !== 'source' || !step.source.topics.includes(topic)) continue
    return step.repartition ? 'earliest' : step.source.startFrom
  }
  return 'earliest'
}

async function initialOffsets(
  inputs: readonly { readonly input: TopicPartition; readonly from: StartFrom }[],
  admin: Admin,
  env: Env,
): Promise<ReadonlyMap<string, number>> {
  const offsets = new Map<string, number>()
  const kinds = Map.groupBy(inputs, ({ from }) => JSON.stringify(from))
  for (const group of kinds.values()) {
    const from = group[0]?.from ?? 'earliest'
    const partitions = group.map(({ input }) => input)
    const at = typeof from === 'object' ? { timestamp: env.clock.now() - from.lastMs } : from
    const found = await admin.listOffsets(partitions, at, 'read_committed')
    // Nothing is as young as the timestamp: then everything that comes is.
    const missing = partitions.filter((input) => (found.get(partitionName(input)) ?? -1) < 0)
    const ends =
      missing.length > 0 ? await admin.listOffsets(missing, 'latest', 'read_committed') : found
    for (const input of partitions) {
      const name = partitionName(input)
      const offset = found.get(name) ?? -1
      offsets.set(name, offset >= 0 ? offset : (ends.get(name) ?? 0))
    }
  }
  return offsets
}
