/** Runs the built command `millrace` as users do: a process of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const entry = resolve(here, '../../src/main.js')
const batch = resolve(here, 'command-batch.js')

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function millrace(args: readonly string[], cwd?: string): Promise<Ended> {
  return new Promise((done) => {
    execFile(process.execPath, [entry, ...args], { cwd }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      done({ code, stdout, stderr })
    })
  })
}

/**
 * The same for many command lines in one process, one after the other: starting one takes a while.
 */
export function millraceEach(
  lines: readonly (readonly string[])[],
  cwd?: string,
): Promise<readonly Ended[]> {
  const options = { cwd, maxBuffer: 16 * 1024 * 1024 }
  return new Promise((done, failed) => {
    execFile(process.execPath, [batch, JSON.stringify(lines)], options, (error, stdout, stderr) => {
      if (error === null && stderr === '') done(JSON.parse(stdout))
      else failed(new Error(`the batch failed: ${stderr}`, { cause: error }))
    })
  })
}

/** A command that runs until it is told to stop, or ends by itself. */
export class RunningCommand {
  stdout = ''
  stderr = ''
  /** Its exit code. */
  readonly ended: Promise<number | null>
  readonly #process: ChildProcess
  readonly #checks = new Set<() => void>()

  constructor(args: readonly string[], cwd?: string) {
    const child = spawn(process.execPath, [entry, ...args], { cwd, stdio: 'pipe' })
    this.#process = child
    child.stdout.on('data', (chunk) => {
      this.stdout += String(chunk)
      this.#check()
    })
    child.stderr.on('data', (chunk) => {
      this.stderr += String(chunk)
      this.#check()
    })
    this.ended = new Promise((done) => {
      child.on('close', (code) => {
        done(code)
        this.#check()
      })
    })
  }

  write(text: string): void {
    this.#process.stdin?.write(text)
  }

  /** Resolves once standard output has a match; rejects when the process ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(() => pattern.exec(this.stdout))
  }

  /** The same for standard error. */
  reports(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(() => pattern.exec(this.stderr))
  }

  /** Asks it to stop; answers its exit code. */
  stop(): Promise<number | null> {
    this.#process.kill('SIGTERM')
    return this.ended
  }

  #match(find: () => RegExpExecArray | null): Promise<RegExpExecArray> {
    return new Promise((found, failed) => {
      const check = () => {
        const match = find()
        if (match === null && this.#process.exitCode === null) return
        this.#checks.delete(check)
        if (match !== null) found(match)
        else failed(new Error(`it ended with ${this.#process.exitCode}: ${this.stderr}`))
      }
      this.#checks.add(check)
      check()
    })
  }

  #check(): void {
    for (const check of this.#checks) check()
  }
}

/** A folder of files outside of any package, and how to take it away. */
export function folderOf(files: Readonly<Record<string, string>>) {
  const path = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
