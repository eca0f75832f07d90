/** A process that flushes counts is killed again and again, and what it leaves is looked at. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LmdbBackend } from '../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../src/adapters/lmdb/library.ts'
import type { PersistentBackend } from '../../src/state/backend.ts'
import { timeBytes } from '../../src/state/store-batch.ts'
import { keyAndCount } from './state-batches.ts'

/** Backends that outlive a process, by name. */
export const persistentBackends = { lmdb: openLmdb } as const

export type PersistentName = keyof typeof persistentBackends

const writer = fileURLToPath(new URL('state-writer.js', import.meta.url))
let running: ChildProcess | undefined

/** Where the writer was at a kill. */
export interface Left {
  /** Of the counts: each flush counts as far as its offset says. */
  readonly sum: number
  readonly offset: number
}

/** The `kill`-th process writes, is killed at some moment, and this is what is left. */
export async function killed(name: PersistentName, directory: string, kill: number): Promise<Left> {
  await writeAndKill([name, directory], (kill * 7) % 40)
  const backend = await persistentBackends[name](directory)
  let sum = 0
  for (const entry of backend.range('store', {})) sum += keyAndCount(entry, timeBytes).count
  const offset = backend.offset('store') ?? 0
  backend.close()
  return { sum, offset }
}

/** Whoever stops in the middle leaves no process behind. */
export function stopWriting(): void {
  running?.kill('SIGKILL')
}

async function openLmdb(directory: string): Promise<PersistentBackend> {
  const onUnreadable = (_: string, error: Error) => {
    throw error
  }
  const lmdb = await loadLmdb()
  return new LmdbBackend({ lmdb, directory, onUnreadable, onClosed: () => undefined })
}

function writeAndKill(args: readonly string[], afterMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', writer, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    running = child
    child.on('error', reject)
    child.stdout.once('data', () => {
      setTimeout(() => child.kill('SIGKILL'), afterMs)
    })
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve()
      else reject(new Error(`the writer ended by itself with code ${code}`))
    })
  })
}
