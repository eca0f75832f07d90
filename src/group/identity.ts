/**
 * Names of a worker slot. A transactional id is stable over restarts on the same state directory,
 * so that a restarted worker aborts what its predecessor left open, and it can be recognised, so
 * that what vanished workers left open is found by prefix without touching another application's
 * producers.
 */
import { StreamError } from '../model/errors.ts'

/**
 * Identity of a process, kept in its state directory: letters and digits only, so that ids can be
 * taken apart.
 */
const processPattern = /^[0-9a-z]{8,64}$/
const restPattern = /^[0-9a-z]{8,64}-\d{1,5}$/

/**
 * `<application>-<process>-<slot>`, as Kafka Streams builds it.
 * @throws StreamError PROCESS_ID_INVALID
 */
export function transactionalId(application: string, process: string, slot: number): string {
  if (!processPattern.test(process)) {
    throw new StreamError(
      'PROCESS_ID_INVALID',
      `the process id "${process}" has to be 8 to 64 small letters and digits; ` +
        'remove the identity file of the state directory to get a new one',
      { domain: 'external', recovery: 'fatal' },
    )
  }
  return `${application}-${process}-${slot}`
}

/**
 * The prefix to list an application's transactions with; it also fits applications
 * `<application>-…`.
 */
export function transactionalIdPrefix(application: string): string {
  return `${application}-`
}

/** True for ids of this very application, not of another one whose name begins the same. */
export function isTransactionalIdOf(application: string, id: string): boolean {
  const prefix = transactionalIdPrefix(application)
  return id.startsWith(prefix) && restPattern.test(id.slice(prefix.length))
}
