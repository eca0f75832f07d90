/**
 * Deletes what nobody reads any more, again and again: what was read and committed from repartition
 * topics, and what changelogs have of windows that have closed.
 */
import type { Env, Logger } from '../env/port.ts'
import type { Admin } from '../kafka/client/port.ts'
import { partitionName } from '../model/ids.ts'
import type { PurgePoint } from '../task/port.ts'

export interface PurgeParts {
  readonly env: Env
  readonly logger: Logger
  readonly admin: Admin
  readonly intervalMs: number
  /** How far the partitions that this worker owns may be purged now. */
  readonly points: () => readonly PurgePoint[]
}

/** Runs until the signal is aborted. A round that fails is tried again at the next. */
export async function purgeInternalTopics(parts: PurgeParts, signal: AbortSignal): Promise<void> {
  const { env, logger, admin, intervalMs, points } = parts
  const purged = new Map<string, number>()
  while (!signal.aborted) {
    await env.timers.sleep(intervalMs, signal)
    if (signal.aborted) return
    const due = points().filter((point) => point.offset > (purged.get(partitionName(point)) ?? 0))
    if (due.length === 0) continue
    try {
      await admin.deleteRecords(due)
      for (const point of due) purged.set(partitionName(point), point.offset)
    } catch (error) {
      logger.warn({ error: String(error) }, 'internal topics could not be purged')
    }
  }
}
