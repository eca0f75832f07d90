/**
 * Reads changelogs into the stores of new tasks. The end is the log end as read_uncommitted sees
 * it, for the last stable offset may lag behind; the data is read_committed, so the position passes
 * that end only when no transaction is left open before it.
 */
import { topicMark } from '../checkpoint/position-tag.ts'
import type { Env, Logger } from '../env/port.ts'
import type { Admin, Fetcher } from '../kafka/client/port.ts'
import { StreamError } from '../model/errors.ts'
import { partitionName } from '../model/ids.ts'
import type { RestoreNeed, TaskPosition } from '../task/port.ts'
import type { OwnedTask } from './owned-tasks.ts'
import type { TaskState } from './task-directories.ts'

export interface RestorationParts {
  readonly fetcher: Fetcher
  readonly admin: Admin
  readonly env: Env
  readonly logger: Logger
  /** What all stores together may have in memory, where files are below them. */
  readonly cacheBytesMax: number
}

/** A changelog, or the topic of a table, as a task has it. */
export interface Changelog {
  readonly owned: OwnedTask
  readonly need: RestoreNeed
  readonly end: number
  /** Reading goes no further; undefined: to the end of the log. */
  to: number | undefined
  position: number
}

/** In a mark: brokers did not tell. */
const unknownTopic = '?'
/** Bytes between two turns for other work. */
const bytesPerTurn = 1_048_576
/** Changes that go to a file between two turns. */
const flushChunk = 2_048

/** @throws StreamError `CHANGELOG_UNREADABLE`; resolves early when every task was aborted. */
export async function restoreTasks(
  tasks: readonly OwnedTask[],
  positionsOf: (owned: OwnedTask) => readonly TaskPosition[],
  parts: RestorationParts,
): Promise<void> {
  const { fetcher, env } = parts
  const pending = await pendingOf(tasks, positionsOf, parts)
  for (const one of pending.values()) fetcher.assign(one.need, one.position)
  while (pending.size > 0) {
    dropAborted(pending, fetcher)
    if (pending.size === 0) return
    const fetched = fetcher.poll(bytesPerTurn)
    for (const { batches, nextOffset, ...partition } of fetched) {
      const name = partitionName(partition)
      const one = pending.get(name)
      if (one === undefined) continue
      one.owned.task.restore(one.need.store, batches, nextOffset)
      one.owned.restored += nextOffset - one.position
      one.position = nextOffset
      if (nextOffset < one.end) continue
      fetcher.remove(one.need)
      pending.delete(name)
    }
    await boundMemory(pending, parts)
    complain(fetcher, pending)
    if (fetched.length === 0 && pending.size > 0) await fetcher.wait(abortOf(pending))
    else await env.timers.yield()
  }
}

/** Brings what was read to the files before it fills the memory. */
async function boundMemory(
  pending: ReadonlyMap<string, Changelog>,
  { env, cacheBytesMax }: RestorationParts,
): Promise<void> {
  const tasks = new Set(Array.from(pending.values(), ({ owned }) => owned))
  for (const { task, state, abort } of tasks) {
    if (state === undefined || task.cachedBytes <= cacheBytesMax / tasks.size) continue
    task.wantFlush()
    while (!abort.signal.aborted && task.writeFlush(flushChunk)) await env.timers.yield()
    if (!abort.signal.aborted) task.evict(1)
  }
}

async function pendingOf(
  tasks: readonly OwnedTask[],
  positionsOf: (owned: OwnedTask) => readonly TaskPosition[],
  parts: RestorationParts,
): Promise<Map<string, Changelog>> {
  const pending = new Map<string, Changelog>()
  for (const log of await openChangelogs(tasks, positionsOf, parts)) {
    if (log.position >= log.end) continue
    log.owned.restoreTotal += log.end - log.position
    pending.set(partitionName(log.need), log)
  }
  return pending
}

/** Looks up how far the changelogs of tasks go, and from where each store goes on. */
export async function openChangelogs(
  tasks: readonly OwnedTask[],
  positionsOf: (owned: OwnedTask) => readonly TaskPosition[],
  { admin, logger }: Pick<RestorationParts, 'admin' | 'logger'>,
): Promise<readonly Changelog[]> {
  // A task that was taken away meanwhile is closed and has no needs.
  const wanted = tasks.filter(({ abort }) => !abort.signal.aborted)
  const needs = wanted.flatMap((owned) =>
    owned.task.restoreNeeds(positionsOf(owned)).map((need) => ({ owned, need })),
  )
  if (needs.length === 0) return []
  const partitions = needs.map(({ need }) => need)
  const [ends, starts, topics] = await Promise.all([
    admin.listOffsets(partitions, 'latest', 'read_uncommitted'),
    admin.listOffsets(partitions, 'earliest', 'read_uncommitted'),
    admin.describeTopics(partitions.map(({ topic }) => topic)),
  ])
  return needs.map(({ owned, need }) => {
    const name = partitionName(need)
    const start = starts.get(name) ?? 0
    const end = Math.min(ends.get(name) ?? 0, need.to ?? Number.POSITIVE_INFINITY)
    const topicId = topics.get(need.topic)?.topicId ?? null
    const reason = distrust(owned.state, need, { start, end, topicId })
    if (reason !== undefined) {
      const { store, topic, from } = need
      logger.warn({ task: owned.id, store, topic, from, reason }, 'a store is read again')
      owned.task.clear(store)
    }
    noteTopic(owned.state, need, topicId)
    const position = Math.max(reason === undefined ? need.from : 0, start)
    return { owned, need, end, to: need.to, position }
  })
}

interface KnownLog {
  readonly start: number
  readonly end: number
  /** Null where the broker does not tell. */
  readonly topicId: string | null
}

/** Why what is kept of a store cannot be gone on from; undefined: it can, or nothing is kept. */
function distrust(
  state: TaskState | undefined,
  need: RestoreNeed,
  { start, end, topicId }: KnownLog,
): string | undefined {
  if (need.from === 0) return undefined
  const [topic, layout] = state?.changelogMark(need.store)?.split(' ') ?? [
    unknownTopic,
    need.layout,
  ]
  if (topicId !== null && topic !== unknownTopic && topic !== topicMark(topicId)) {
    return 'the topic was made again'
  }
  if (layout !== need.layout) return 'its entries are kept for another time now'
  if (need.from > end) return `the store is ahead of the log, which ends at ${end}`
  return need.from < start ? `the log begins at ${start}` : undefined
}

function noteTopic(
  state: TaskState | undefined,
  { store, layout }: RestoreNeed,
  topicId: string | null,
): void {
  if (state === undefined || (topicId === null && layout === undefined)) return
  const topic = topicId === null ? unknownTopic : topicMark(topicId)
  const mark = layout === undefined ? topic : `${topic} ${layout}`
  if (state.changelogMark(store) !== mark) state.noteChangelog(store, mark)
}

function abortOf(pending: ReadonlyMap<string, Changelog>): AbortSignal {
  return AbortSignal.any(Array.from(pending.values(), ({ owned }) => owned.abort.signal))
}

function dropAborted(pending: Map<string, Changelog>, fetcher: Fetcher): void {
  for (const [name, { owned, need }] of pending) {
    if (!owned.abort.signal.aborted) continue
    fetcher.remove(need)
    pending.delete(name)
  }
}

function complain(fetcher: Fetcher, pending: ReadonlyMap<string, Changelog>): void {
  for (const { problem, ...partition } of fetcher.problems()) {
    const one = pending.get(partitionName(partition))
    if (one === undefined) continue
    throw new StreamError(
      'CHANGELOG_UNREADABLE',
      `store ${one.need.store} cannot be restored at offset ${one.position}: ${problem.kind}`,
      {
        domain: 'external',
        recovery: 'fatal',
        where: { task: one.owned.id, topic: partition.topic, partition: partition.partition },
        cause: problem.kind === 'failed' ? problem.error : undefined,
      },
    )
  }
}
