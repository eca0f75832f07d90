import type { Settings } from '../config/option-table.ts'
import type { Env } from '../env/port.ts'
import type { GroupMember } from '../kafka/client/port.ts'
import { isStreamError } from '../model/errors.ts'
import type { Ownership } from './ownership.ts'

/**
 * Where `workerFailure` is `stop-application`, a worker that has failed tells the group so before
 * it leaves, and no member goes on. Its session bounds how long it waits for that.
 */
export async function spreadFailure(
  { env, settings }: { readonly env: Env; readonly settings: Settings },
  error: Error | undefined,
  member: GroupMember,
  ownership: Ownership,
): Promise<void> {
  if (error === undefined || settings.workerFailure !== 'stop-application') return
  // All have been told: by the one that failed first.
  if (isStreamError(error) && error.code === 'APPLICATION_STOPPED') return
  if (member.identity() === undefined) return
  const waiting = new AbortController()
  await Promise.race([
    ownership.stopAll(error.message),
    env.timers.sleep(settings.sessionTimeout, waiting.signal),
  ])
  waiting.abort()
}
