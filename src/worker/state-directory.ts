/**
 * Who this process is, over restarts: `<stateDir>/<application>/` holds a lock and the process id
 * from which member and transactional ids are made. A restarted process finds its id, takes its
 * place in the group at once and aborts what its predecessor left open.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { StreamError } from '../model/errors.ts'
import { lockFile } from './file-lock.ts'

export interface ProcessIdentity {
  /** Small letters and digits. */
  readonly processId: string
  /** Where tasks keep their stores; it may have to be made. */
  readonly directory: string
  /** Static membership; null: a dynamic member that nobody will know again. */
  readonly instanceOf: (slot: number) => string | null
  /** Gives the directory free. */
  readonly release: () => void
}

/**
 * @param instanceId The option: `auto`, `none`, or an identity to use.
 * @throws StreamError `STATE_DIRECTORY_IN_USE`, `STATE_DIRECTORY_UNUSABLE`
 */
export async function openIdentity(
  stateDir: string,
  application: string,
  instanceId: string,
): Promise<ProcessIdentity> {
  if (instanceId === 'none') {
    return passingIdentity(application)
  }
  const directory = resolve(stateDir, application)
  makeDirectory(directory)
  const release = await lockFile(join(directory, 'lock'))
  if (release === undefined) {
    throw new StreamError(
      'STATE_DIRECTORY_IN_USE',
      `another process runs on ${directory}; give each process a directory of its own ` +
        '(--state-dir, MILLRACE_STATE_DIR), or no identity (--instance-id none)',
      { domain: 'user', recovery: 'fatal' },
    )
  }
  const processId = instanceId === 'auto' ? keptProcessId(directory) : idFrom(instanceId)
  const instanceOf = (slot: number) => `${application}-${processId}-${slot}`
  return { processId, directory, instanceOf, release }
}

/** Nothing is kept: what stores write goes with the process. */
function passingIdentity(application: string): ProcessIdentity {
  const processId = newProcessId()
  const directory = join(tmpdir(), `millrace-${application}-${processId}`)
  const release = () => rmSync(directory, { recursive: true, force: true })
  return { processId, directory, instanceOf: () => null, release }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (cause) {
    throw new StreamError(
      'STATE_DIRECTORY_UNUSABLE',
      `${directory} cannot be made: set stateDir to a directory that this user may write`,
      { domain: 'user', recovery: 'fatal', cause },
    )
  }
}

function keptProcessId(directory: string): string {
  const path = join(directory, 'process-id')
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  if (/^[0-9a-z]{8,64}$/.test(kept)) return kept
  const fresh = newProcessId()
  // Written aside and renamed: a crash leaves no half of an id.
  writeFileSync(`${path}.new`, `${fresh}\n`)
  renameSync(`${path}.new`, path)
  return fresh
}

function newProcessId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 16)
}

/** Ids are taken apart again (group/identity): letters and digits only, long enough. */
function idFrom(instanceId: string): string {
  const plain = instanceId.toLowerCase().replace(/[^0-9a-z]/g, '')
  if (plain.length <= 64 && plain.length > 0) return plain.padStart(8, '0')
  throw new StreamError(
    'OPTION_INVALID',
    `instanceId "${instanceId}" has to have 1 to 64 letters and digits`,
    { domain: 'user', recovery: 'fatal' },
  )
}
