import { join } from 'node:path'
import { type LeashedProcess, leash, type ProcessEnd } from './leash.ts'
import { projectRoot } from './root.ts'

export interface WorkerProcessOptions {
  readonly name: string
  /** File of the topology. */
  readonly topology: string
  readonly brokers: string
  /** Its identity and local state; kept from one start to the next. */
  readonly stateDirectory: string
  /** Further flags of `millrace run`. */
  readonly flags?: readonly string[]
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void
}

const lastWordsKept = 40

/** `millrace run` as a process of its own, which may be killed, frozen and started again. */
export class WorkerProcess {
  readonly name: string
  readonly #options: WorkerProcessOptions
  readonly #lastWords: string[] = []
  #process: LeashedProcess | undefined

  constructor(options: WorkerProcessOptions) {
    this.name = options.name
    this.#options = options
  }

  /** The last lines that it wrote in its present or last life. */
  get lastWords(): readonly string[] {
    return this.#lastWords
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.end() === undefined
  }

  /** How the present or last life ended or will end. */
  get exited(): Promise<ProcessEnd> {
    return this.#process?.exited ?? Promise.resolve({ code: 0 })
  }

  async start(): Promise<void> {
    const { topology, brokers, stateDirectory, flags = [] } = this.#options
    this.#lastWords.length = 0
    const main = join(projectRoot, 'dist', 'src', 'main.js')
    const place = ['--brokers', brokers, '--state-dir', stateDirectory]
    const args = ['--no-warnings', main, 'run', topology, ...place, ...flags]
    this.#process = await leash(process.execPath, args, {
      cwd: projectRoot,
      env: withoutSettings(),
      onLine: (line, from) => {
        this.#lastWords.push(line)
        if (this.#lastWords.length > lastWordsKept) this.#lastWords.shift()
        this.#options.onLine?.(line, from)
      },
    })
  }

  /** SIGKILL: no last commit, nothing closed. */
  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL')
    await this.#process?.exited
  }

  /** It stands still, its sockets stay open. */
  freeze(): void {
    this.#process?.signal('SIGSTOP')
  }

  thaw(): void {
    this.#process?.signal('SIGCONT')
  }

  /** SIGTERM, as an orchestrator does it; resolves with how it ended. */
  async stop(): Promise<ProcessEnd> {
    this.#process?.signal('SIGTERM')
    return this.exited
  }
}

/** What is set for us is not meant for the workers. */
function withoutSettings(): Readonly<Record<string, undefined>> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('MILLRACE_'))
  return Object.fromEntries(names.map((name) => [name, undefined]))
}
