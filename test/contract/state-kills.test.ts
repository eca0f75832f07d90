/**
 * A process that flushes is killed again and again: what it leaves is always one of its flushes.
 * `MILLRACE_TEST_KILLS=200 npm test -- state-kills` for more than a change has to pass.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from '@jest/globals'
import { LmdbBackend } from '../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../src/adapters/lmdb/library.ts'
import { timeBytes } from '../../src/state/store-batch.ts'
import { keyAndCount } from '../support/state-batches.ts'

const kills = Number(process.env['MILLRACE_TEST_KILLS'] ?? 25)
const writer = fileURLToPath(new URL('../support/state-writer.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'millrace-kills-'))
let running: ChildProcess | undefined
afterAll(() => {
  running?.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

const lmdb = await loadLmdb()

test(
  'a store that is killed at any moment holds the counts that its offset says',
  async () => {
    let before = 0
    for (let kill = 0; kill < kills; kill += 1) {
      await writeAndKill((kill * 7) % 40)
      const { sum, offset } = look()
      expect(sum).toBe(offset)
      expect(offset).toBeGreaterThanOrEqual(before)
      before = offset
    }
    expect(before).toBeGreaterThan(0)
  },
  30_000 + kills * 2000,
)

/** Kills the writer so many milliseconds after it began. */
function writeAndKill(afterMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', writer, directory], {
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

function look(): { readonly sum: number; readonly offset: number } {
  const onUnreadable = (_: string, error: Error) => {
    throw error
  }
  const backend = new LmdbBackend({ lmdb, directory, onUnreadable, onClosed: () => undefined })
  let sum = 0
  for (const entry of backend.range('store', {})) sum += keyAndCount(entry, timeBytes).count
  const offset = backend.offset('store') ?? 0
  backend.close()
  return { sum, offset }
}
