import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { onEnd } from './on-end.ts'

/**
 * Starts the program given as its arguments, writes that program's pid to descriptor 3, and kills
 * it when its own standard input closes: that is when the process that holds the leash is gone,
 * even by SIGKILL. Only the program is ever stopped or killed by us, so a program frozen by SIGSTOP
 * is still let go by its leash.
 */
const leashScript = `
exec 4<&0
"$@" 3>&- 4<&- </dev/null &
child=$!
echo "$child" >&3
exec 3>&-
( while read -r _ <&4; do :; done; kill -9 "$child" 2>/dev/null ) &
watcher=$!
exec 4<&-
wait "$child"
code=$?
kill -9 "$watcher" 2>/dev/null
exit "$code"
`

export interface LeashedProcess {
  /** Of the program itself, not of the shell that holds it. */
  readonly pid: number
  readonly exited: Promise<ProcessEnd>
  /** Undefined while it runs. */
  end(): ProcessEnd | undefined
  signal(signal: NodeJS.Signals): void
}

export interface ProcessEnd {
  /** As a shell has it: 128 + n after signal n. */
  readonly code: number
}

export interface LeashOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Called with each line of standard output and standard error. */
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void
}

/** Runs a program that cannot outlive this process. */
export async function leash(
  command: string,
  args: readonly string[],
  options: LeashOptions = {},
): Promise<LeashedProcess> {
  const settings: SpawnOptions = {
    // A group of its own, so that Ctrl-C at the terminal reaches only us, and we decide in which
    // order things end.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  }
  if (options.cwd !== undefined) settings.cwd = options.cwd
  const holder = spawn('/bin/sh', ['-c', leashScript, 'leash', command, ...args], settings)
  holder.stdin?.on('error', () => undefined)
  const drained = [
    readLines(holder.stdout, (line) => options.onLine?.(line, 'stdout')),
    readLines(holder.stderr, (line) => options.onLine?.(line, 'stderr')),
  ]
  let ended: ProcessEnd | undefined
  const exited = waitForEnd(holder, drained).then((end) => {
    ended = end
    release()
    return end
  })
  const kill = () => signalGroup(holder)
  const release = onEnd({ now: kill })
  const pid = await readPid(holder)
  return {
    pid,
    exited,
    end: () => ended,
    signal(signal) {
      if (ended === undefined) signalOne(pid, signal)
    },
  }
}

/**
 * Runs a program to its end. @returns What it wrote to both outputs. @throws When its exit code is
 * not 0.
 */
export async function runToEnd(command: string, args: readonly string[]): Promise<string> {
  const lines: string[] = []
  const program = await leash(command, args, { onLine: (line) => lines.push(line) })
  const { code } = await program.exited
  if (code !== 0) throw new Error(lines.at(-1) ?? `${command} ended with code ${code}`)
  return lines.join('\n')
}

async function waitForEnd(holder: ChildProcess, drained: Promise<void>[]): Promise<ProcessEnd> {
  const code = await new Promise<number>((resolve) => {
    holder.once('exit', (code) => resolve(code ?? 137))
    holder.once('error', () => resolve(127))
  })
  await Promise.all(drained)
  return { code }
}

async function readPid(holder: ChildProcess): Promise<number> {
  const pipe = holder.stdio[3] as Readable
  let text = ''
  for await (const chunk of pipe) text += String(chunk)
  const pid = Number.parseInt(text, 10)
  if (!Number.isInteger(pid)) throw new Error('the process could not be started')
  return pid
}

async function readLines(from: Readable | null, take: (line: string) => void): Promise<void> {
  if (from === null) return
  for await (const line of createInterface({ input: from })) take(line)
}

function signalGroup(holder: ChildProcess): void {
  if (holder.pid !== undefined) signalOne(-holder.pid, 'SIGKILL')
}

/** A process that is gone already needs no signal. */
function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
