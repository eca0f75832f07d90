/**
 * Deletes what nobody reads any more, again and again: what was read and committed from repartition
 * topics, and what changelogs have of windows that have closed.
 */
import type { Settings } from '../config/option-table.ts'
import type { Env, Logger } from '../env/port.ts'
import type { KafkaClient } from '../kafka/client/port.ts'
import { partitionName } from '../model/ids.ts'
import type { Plan } from '../plan/plan.ts'
import type { Epochs } from './epochs.ts'
import type { OwnedTasks } from './owned-tasks.ts'

export interface PurgeParts {
  readonly env: Env
  readonly settings: Pick<Settings, 'repartitionPurgeInterval'>
  readonly plan: Plan
  readonly client: Pick<KafkaClient, 'admin'>
}

/**
 * Runs until the signal is aborted, or at all only where the plan has something to purge. A round
 * that fails is tried again at the next.
 */
export async function purge(
  { env, settings, plan, client }: PurgeParts,
  logger: Logger,
  epochs: Pick<Epochs, 'committed'>,
  tasks: Pick<OwnedTasks, 'running'>,
  signal: AbortSignal,
): Promise<void> {
  const windowed = plan.subTopologies.some(({ stores }) => stores.some(({ window }) => window))
  const repartitions = new Set(
    plan.internalTopics.filter(({ kind }) => kind === 'repartition').map(({ name }) => name),
  )
  if (!windowed && repartitions.size === 0) return
  const purged = new Map<string, number>()
  while (!signal.aborted) {
    await env.timers.sleep(settings.repartitionPurgeInterval, signal)
    if (signal.aborted) return
    const points = [
      ...Array.from(epochs.committed.values()).filter(({ topic }) => repartitions.has(topic)),
      ...tasks.running.flatMap(({ task }) => task.purgeable()),
    ]
    const due = points.filter((point) => point.offset > (purged.get(partitionName(point)) ?? 0))
    if (due.length === 0) continue
    try {
      await client.admin.deleteRecords(due)
      for (const point of due) purged.set(partitionName(point), point.offset)
    } catch (error) {
      logger.warn({ error: String(error) }, 'internal topics could not be purged')
    }
  }
}
