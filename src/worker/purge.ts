/** Deletes what was read and committed from repartition topics, again and again. */
import type { Env, Logger } from '../env/port.ts'
import type { Admin, CommittedPosition } from '../kafka/client/port.ts'
import { partitionName } from '../model/ids.ts'
import type { Plan } from '../plan/plan.ts'

export interface PurgeParts {
  readonly env: Env
  readonly logger: Logger
  readonly admin: Admin
  readonly plan: Plan
  readonly intervalMs: number
  /** Committed positions of the partitions that this worker owns. */
  readonly committed: () => ReadonlyMap<string, CommittedPosition>
}

/** Runs until the signal is aborted. A round that fails is tried again at the next. */
export async function purgeRepartitionTopics(
  parts: PurgeParts,
  signal: AbortSignal,
): Promise<void> {
  const { env, logger, admin, plan, intervalMs, committed } = parts
  const topics = new Set(
    plan.internalTopics.filter(({ kind }) => kind === 'repartition').map(({ name }) => name),
  )
  const purged = new Map<string, number>()
  while (topics.size > 0) {
    await env.timers.sleep(intervalMs, signal)
    if (signal.aborted) return
    const due = Array.from(committed().values()).filter(
      (position) =>
        topics.has(position.topic) && position.offset > (purged.get(partitionName(position)) ?? 0),
    )
    if (due.length === 0) continue
    try {
      await admin.deleteRecords(due)
      for (const position of due) purged.set(partitionName(position), position.offset)
    } catch (error) {
      logger.warn({ error: String(error) }, 'repartition topics could not be purged')
    }
  }
}
