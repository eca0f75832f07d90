/** Chooses where the tasks of one worker keep their stores. */
import { LmdbBackend } from '../adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../adapters/lmdb/library.ts'
import type { Settings } from '../config/option-table.ts'
import type { Env } from '../env/port.ts'
import type { Plan } from '../plan/plan.ts'
import { isKept } from '../state/spec.ts'
import { bootId } from '../worker/boot-id.ts'
import { TaskDirectories, type TaskStates } from '../worker/task-directories.ts'

export interface TaskStatesParts {
  readonly env: Env
  readonly settings: Settings
  readonly plan: Plan
  /** Of the application. */
  readonly directory: string
  readonly slot: number
}

/**
 * Undefined where all stores are in memory: then nothing is loaded.
 * @throws StreamError `STATE_BACKEND_MISSING`
 */
export async function openTaskStates(parts: TaskStatesParts): Promise<TaskStates | undefined> {
  const { env, settings, plan, directory, slot } = parts
  const stores = [...plan.subTopologies.flatMap((sub) => sub.stores), ...plan.globalTables]
  if (!stores.some((store) => isKept(store, settings.stateBackend))) return undefined
  const lmdb = await loadLmdb()
  return new TaskDirectories({
    directory,
    slot,
    slots: settings.threads,
    bootId: bootId(),
    clock: env.clock,
    logger: env.logger,
    cleanupDelayMs: settings.stateCleanupDelay,
    maxAgeMs: settings.stateMaxAge,
    openBackend: (path, onUnreadable, onClosed) =>
      new LmdbBackend({ lmdb, directory: path, onUnreadable, onClosed }),
  })
}
