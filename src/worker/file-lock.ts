/**
 * A lock that dies with its holder, kill −9 included. Node has no flock; SQLite's exclusive lock
 * is one of the operating system on an open file, on every platform.
 */

/** Releases the lock, or undefined when a living process (or this one) has it. */
export async function lockFile(path: string): Promise<(() => void) | undefined> {
  const { DatabaseSync } = await quietly(() => import('node:sqlite'))
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  return () => {
    database.close()
  }
}

function isBusy(error: unknown): boolean {
  const busy = 5
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === busy
}

/** node:sqlite announces that it is experimental; what is used of it here is not. */
async function quietly<Value>(load: () => Promise<Value>): Promise<Value> {
  const emit = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return await load()
  } finally {
    process.emitWarning = emit
  }
}
