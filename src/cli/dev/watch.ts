/**
 * `dev` while it watches: each change of a file of the topology begins a new session with all lines
 * so far.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { asksToStop } from '../stop-signal.ts'

/** Editors write a file in several steps. */
const quietMs = 100

/**
 * Runs sessions in processes of their own, so that changed modules are really loaded again and
 * nothing is left of the one before.
 * @param session Arguments of the command of one session.
 * @param lines Whether standard input is given on.
 */
export async function watchSessions(session: readonly string[], lines: boolean): Promise<void> {
  const watched = new WatchedSession(session, lines)
  await asksToStop()
  await watched.stop()
}

class WatchedSession {
  readonly #args: readonly string[]
  readonly #lines: string[] = []
  readonly #files = new Map<string, Set<string>>()
  readonly #watchers: FSWatcher[] = []
  #inputEnded: boolean
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #restarting = false

  constructor(args: readonly string[], lines: boolean) {
    this.#args = args
    this.#inputEnded = !lines
    this.#start()
    if (!lines) return
    const input = createInterface({ input: process.stdin })
    input.on('line', (line) => {
      this.#lines.push(line)
      this.#child?.stdin?.write(`${line}\n`)
    })
    input.on('close', () => {
      this.#inputEnded = true
      this.#child?.stdin?.end()
    })
  }

  async stop(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close()
    process.stdin.pause()
    this.#child?.kill('SIGTERM')
    await this.#ended
  }

  #start(): void {
    const [script = ''] = process.argv.slice(1)
    const stdio = ['pipe', 'inherit', 'inherit', 'ipc'] as const
    const child = spawn(process.execPath, [script, ...this.#args], { stdio: [...stdio] })
    this.#child = child
    child.on('message', (file) => {
      if (typeof file === 'string') this.#watch(file)
    })
    // It may end while lines are on their way to it; the next session gets them all.
    child.stdin?.on('error', () => undefined)
    for (const line of this.#lines) child.stdin?.write(`${line}\n`)
    if (this.#inputEnded) child.stdin?.end()
    this.#ended = new Promise((resolve) => {
      child.on('exit', (code) => {
        if (code !== 0 && code !== null) process.stderr.write('-- waiting for a change\n')
        resolve()
      })
    })
  }

  #watch(file: string): void {
    const folder = dirname(file)
    const names = this.#files.get(folder)
    if (names !== undefined) {
      names.add(basename(file))
      return
    }
    const own = new Set([basename(file)])
    this.#files.set(folder, own)
    // The folder, not the file: editors replace files by new ones.
    const watcher = watch(folder, (_, name) => {
      if (name !== null && own.has(name)) void this.#restart(name)
    })
    this.#watchers.push(watcher)
  }

  async #restart(name: string): Promise<void> {
    if (this.#restarting) return
    this.#restarting = true
    await sleep(quietMs)
    process.stderr.write(`-- ${name} changed: starting over\n`)
    this.#child?.kill('SIGTERM')
    await this.#ended
    this.#restarting = false
    this.#start()
  }
}
