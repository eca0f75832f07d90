import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onEnd } from './on-end.ts'

/**
 * Removes the directory when its standard input closes; waits a moment for processes on their
 * leashes to end first.
 */
const janitorScript = 'while read -r _; do :; done; sleep 1; rm -rf "$1"'

export interface ScratchDirectory {
  readonly path: string
  remove(): void
}

/** A temporary directory that is gone when this process is, however it ends. */
export function scratchDirectory(name: string): ScratchDirectory {
  const path = mkdtempSync(join(tmpdir(), `millrace-${name}-`))
  const janitor = spawn('/bin/sh', ['-c', janitorScript, 'janitor', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  janitor.unref()
  janitor.on('error', () => undefined)
  const stdin = janitor.stdin as typeof janitor.stdin & { unref?: () => void }
  stdin.unref?.()
  const clear = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  const forget = onEnd({ now: clear })
  return {
    path,
    remove() {
      forget()
      clear()
      stdin.destroy()
    },
  }
}
