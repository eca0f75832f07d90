/**
 * Brokers that are away for a while must not end a worker that is taking tasks over: questions
 * are asked again for as long as the worker may take to recover.
 */
import type { Env, Logger } from '../env/port.ts'
import type { Admin } from '../kafka/client/port.ts'
import { StreamError } from '../model/errors.ts'

/** Pauses between attempts: 100 ms, doubled up to 2 s. */
const pauseMs = 100
const pauseMsMax = 2_000

/**
 * @param limitMs An error that comes after so long a time of trying is final.
 * @param signal Aborted when the worker ends: nobody waits for answers any more.
 */
export function patientAdmin(
  admin: Admin,
  env: Env,
  logger: Logger,
  limitMs: number,
  signal: AbortSignal,
): Admin {
  const patiently = async <Value>(what: string, ask: () => Promise<Value>): Promise<Value> => {
    const end = env.clock.monotonic() + limitMs
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask()
      } catch (error) {
        if (!passes(error) || signal.aborted || env.clock.monotonic() >= end) throw error
        logger.warn({ error: String(error), attempt }, `${what} failed, and is tried again`)
        await env.timers.sleep(Math.min(pauseMsMax, pauseMs * 2 ** attempt), signal)
      }
    }
  }
  return {
    ...admin,
    topicNames: () => patiently('listing topics', () => admin.topicNames()),
    describeTopics: (names) => patiently('reading topics', () => admin.describeTopics(names)),
    listOffsets: (partitions, at, isolation) =>
      patiently('reading the ends of logs', () => admin.listOffsets(partitions, at, isolation)),
    committedOffsets: (groupId, partitions) =>
      patiently('reading positions', () => admin.committedOffsets(groupId, partitions)),
    fenceProducers: (ids, groupId) =>
      patiently('fencing vanished workers', () => admin.fenceProducers(ids, groupId)),
    openTransactions: (prefix) =>
      patiently('looking for open transactions', () => admin.openTransactions(prefix)),
  }
}

/** Others ask for a decision, or for a person. */
function passes(error: unknown): boolean {
  return (
    error instanceof StreamError && (error.recovery === 'retry' || error.recovery === 'refresh')
  )
}
