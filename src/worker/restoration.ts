/**
 * Reads changelogs into the stores of new tasks. The end is the log end as read_uncommitted sees
 * it, for the last stable offset may lag behind; the data is read_committed, so the position passes
 * that end only when no transaction is left open before it.
 */
import type { Env } from '../env/port.ts'
import type { Admin, Fetcher } from '../kafka/client/port.ts'
import { StreamError } from '../model/errors.ts'
import { partitionName } from '../model/ids.ts'
import type { RestoreNeed, TaskPosition } from '../task/port.ts'
import type { OwnedTask } from './owned-tasks.ts'

interface Pending {
  readonly owned: OwnedTask
  readonly need: RestoreNeed
  readonly end: number
  position: number
}

/** Bytes between two turns for other work. */
const bytesPerTurn = 1_048_576

/** @throws StreamError `CHANGELOG_UNREADABLE`; resolves early when every task was aborted. */
export async function restoreTasks(
  tasks: readonly OwnedTask[],
  positionsOf: (owned: OwnedTask) => readonly TaskPosition[],
  fetcher: Fetcher,
  admin: Admin,
  env: Env,
): Promise<void> {
  const pending = await pendingOf(tasks, positionsOf, admin)
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
    complain(fetcher, pending)
    if (fetched.length === 0 && pending.size > 0) await fetcher.wait(abortOf(pending))
    else await env.timers.yield()
  }
}

async function pendingOf(
  tasks: readonly OwnedTask[],
  positionsOf: (owned: OwnedTask) => readonly TaskPosition[],
  admin: Admin,
): Promise<Map<string, Pending>> {
  // A task that was taken away meanwhile is closed and has no needs.
  const wanted = tasks.filter(({ abort }) => !abort.signal.aborted)
  const needs = wanted.flatMap((owned) =>
    owned.task.restoreNeeds(positionsOf(owned)).map((need) => ({ owned, need })),
  )
  const pending = new Map<string, Pending>()
  if (needs.length === 0) return pending
  const partitions = needs.map(({ need }) => need)
  const ends = await admin.listOffsets(partitions, 'latest', 'read_uncommitted')
  const starts = await admin.listOffsets(partitions, 'earliest', 'read_uncommitted')
  for (const { owned, need } of needs) {
    const name = partitionName(need)
    const end = Math.min(ends.get(name) ?? 0, need.to ?? Number.POSITIVE_INFINITY)
    const position = Math.max(need.from, starts.get(name) ?? 0)
    if (position >= end) continue
    owned.restoreTotal += end - position
    pending.set(name, { owned, need, end, position })
  }
  return pending
}

function abortOf(pending: ReadonlyMap<string, Pending>): AbortSignal {
  return AbortSignal.any(Array.from(pending.values(), ({ owned }) => owned.abort.signal))
}

function dropAborted(pending: Map<string, Pending>, fetcher: Fetcher): void {
  for (const [name, { owned, need }] of pending) {
    if (!owned.abort.signal.aborted) continue
    fetcher.remove(need)
    pending.delete(name)
  }
}

function complain(fetcher: Fetcher, pending: ReadonlyMap<string, Pending>): void {
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
